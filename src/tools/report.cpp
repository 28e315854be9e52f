#include "tools/report.hpp"

#include <fmt/core.h>
#include <hpdf.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "core/time_format.hpp"

namespace ebagent::tools {
namespace {

// A4 in points (1/72 inch), and where things stand on it.
constexpr float kWidth = 595;
constexpr float kHeight = 842;
constexpr float kMargin = 50;
constexpr float kRowHeight = 17;
constexpr float kChartHeight = 170;
constexpr std::size_t kMaxTableRows = 24;    // what fits above the chart; the rest is summed in one row
constexpr std::size_t kMaxNameLetters = 46;  // of a source or detail-type in its column

constexpr float kSourceColumn = kMargin + 6;
constexpr float kTypeColumn = 205;
constexpr float kHourColumn = 470;
constexpr float kDayColumn = kWidth - kMargin - 6;

struct Kind {
  std::string source;
  std::string detail_type;
  std::int64_t in_hour = 0;
  std::int64_t in_all = 0;
};

using Hours = std::array<std::int64_t, kReportHours>;

// What the built-in fonts can show: Latin-1. Other characters become '?'.
std::string latin1(std::string_view utf8, std::size_t max_letters) {
  std::string text;
  for (std::size_t i = 0; i < utf8.size() && text.size() < max_letters; ++i) {
    const auto byte = static_cast<unsigned char>(utf8[i]);
    if (byte < 0x80) {
      text += byte < 0x20 ? ' ' : utf8[i];
    } else if ((byte == 0xC2 || byte == 0xC3) && i + 1 < utf8.size()) {
      text += static_cast<char>(((byte & 3U) << 6U) | (static_cast<unsigned char>(utf8[++i]) & 0x3FU));
    } else if (byte >= 0xC0) {
      text += '?';  // continuation bytes (0x80 to 0xBF) are passed over
    }
  }
  return text;
}

// A document being drawn. The library notes its first error and ignores what follows; save() reports it.
class Document {
 public:
  explicit Document(TimePoint hour) : pdf_(HPDF_New(nullptr, nullptr), HPDF_Free) {
    if (!pdf_) return;
    HPDF_SetCompressionMode(pdf_.get(), HPDF_COMP_ALL);
    regular_ = HPDF_GetFont(pdf_.get(), "Helvetica", "WinAnsiEncoding");
    bold_ = HPDF_GetFont(pdf_.get(), "Helvetica-Bold", "WinAnsiEncoding");
    set_date(hour);
    page_ = HPDF_AddPage(pdf_.get());
    HPDF_Page_SetSize(page_, HPDF_PAGE_SIZE_A4, HPDF_PAGE_PORTRAIT);
  }

  [[nodiscard]] bool is_made() const { return pdf_ != nullptr; }

  void set_title(const std::string& title) { HPDF_SetInfoAttr(pdf_.get(), HPDF_INFO_TITLE, title.c_str()); }

  enum class Weight { Regular, Bold };
  enum class Align { Left, Right, Centre };

  void text(float x, float y, float size, const std::string& what, Weight weight = Weight::Regular,
            Align align = Align::Left) {
    HPDF_Page_SetFontAndSize(page_, weight == Weight::Bold ? bold_ : regular_, size);
    const float width = align == Align::Left ? 0 : HPDF_Page_TextWidth(page_, what.c_str());
    HPDF_Page_BeginText(page_);
    HPDF_Page_TextOut(page_, align == Align::Centre ? x - width / 2 : x - width, y, what.c_str());
    HPDF_Page_EndText(page_);
  }

  void box(float x, float y, float width, float height, float grey_red, float green, float blue) {
    HPDF_Page_SetRGBFill(page_, grey_red, green, blue);
    HPDF_Page_Rectangle(page_, x, y, width, height);
    HPDF_Page_Fill(page_);
    HPDF_Page_SetRGBFill(page_, 0, 0, 0);
  }

  void line(float x1, float y1, float x2, float y2) {
    HPDF_Page_SetLineWidth(page_, 0.5F);
    HPDF_Page_SetRGBStroke(page_, 0.6F, 0.6F, 0.6F);
    HPDF_Page_MoveTo(page_, x1, y1);
    HPDF_Page_LineTo(page_, x2, y2);
    HPDF_Page_Stroke(page_);
  }

  Result<std::string> save() {
    if (HPDF_SaveToStream(pdf_.get()) != HPDF_OK || HPDF_GetError(pdf_.get()) != HPDF_OK) {
      return fail(ErrorCode::Internal,
                  fmt::format("The report cannot be drawn: libharu error {:#x}.", HPDF_GetError(pdf_.get())));
    }
    HPDF_ResetStream(pdf_.get());
    std::string bytes(HPDF_GetStreamSize(pdf_.get()), '\0');
    auto size = static_cast<HPDF_UINT32>(bytes.size());
    HPDF_ReadFromStream(pdf_.get(), reinterpret_cast<HPDF_BYTE*>(bytes.data()), &size);
    bytes.resize(size);
    return bytes;
  }

 private:
  // Without it the library takes the wall clock's.
  void set_date(TimePoint hour) {
    const auto day = std::chrono::floor<std::chrono::days>(hour);
    const std::chrono::year_month_day date{day};
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(hour - day).count();
    const HPDF_Date stamp{int{date.year()},
                          static_cast<int>(unsigned{date.month()}),
                          static_cast<int>(unsigned{date.day()}),
                          static_cast<int>(hours),
                          0,
                          0,
                          'Z',
                          0,
                          0};
    HPDF_SetInfoDateAttr(pdf_.get(), HPDF_INFO_CREATION_DATE, stamp);
    HPDF_SetInfoDateAttr(pdf_.get(), HPDF_INFO_MOD_DATE, stamp);
  }

  std::unique_ptr<std::remove_pointer_t<HPDF_Doc>, void (*)(HPDF_Doc)> pdf_;
  HPDF_Page page_ = nullptr;
  HPDF_Font regular_ = nullptr;
  HPDF_Font bold_ = nullptr;
};

// The kinds of event, the most frequent of the hour first.
std::vector<Kind> kinds_of(TimePoint hour, const std::vector<EventCount>& counts) {
  std::map<std::pair<std::string, std::string>, Kind> by_name;
  for (const EventCount& count : counts) {
    Kind& kind = by_name[{count.source, count.detail_type}];
    kind.source = count.source;
    kind.detail_type = count.detail_type;
    kind.in_all += count.count;
    if (count.hour == hour) kind.in_hour += count.count;
  }
  std::vector<Kind> kinds;
  kinds.reserve(by_name.size());
  for (auto& [name, kind] : by_name) kinds.push_back(std::move(kind));
  std::ranges::stable_sort(kinds, [](const Kind& a, const Kind& b) {
    return std::pair{a.in_hour, a.in_all} > std::pair{b.in_hour, b.in_all};
  });
  if (kinds.size() <= kMaxTableRows) return kinds;
  Kind rest{fmt::format("and {} more kinds", kinds.size() - kMaxTableRows + 1), "", 0, 0};
  for (std::size_t i = kMaxTableRows - 1; i < kinds.size(); ++i) {
    rest.in_hour += kinds[i].in_hour;
    rest.in_all += kinds[i].in_all;
  }
  kinds.resize(kMaxTableRows - 1);
  kinds.push_back(std::move(rest));
  return kinds;
}

float draw_row(Document& document, float y, const Kind& kind, Document::Weight weight) {
  document.text(kSourceColumn, y, 10, latin1(kind.source, 28), weight);
  document.text(kTypeColumn, y, 10, latin1(kind.detail_type, kMaxNameLetters), weight);
  document.text(kHourColumn, y, 10, std::to_string(kind.in_hour), weight, Document::Align::Right);
  document.text(kDayColumn, y, 10, std::to_string(kind.in_all), weight, Document::Align::Right);
  return y - kRowHeight;
}

void draw_table(Document& document, float y, const std::vector<Kind>& kinds) {
  constexpr auto kBold = Document::Weight::Bold;
  document.box(kMargin, y - 5, kWidth - 2 * kMargin, kRowHeight, 0.88F, 0.91F, 0.95F);
  document.text(kSourceColumn, y, 10, "Source", kBold);
  document.text(kTypeColumn, y, 10, "Detail type", kBold);
  document.text(kHourColumn, y, 10, "This hour", kBold, Document::Align::Right);
  document.text(kDayColumn, y, 10, fmt::format("{} hours", kReportHours), kBold, Document::Align::Right);
  y -= kRowHeight;
  Kind total{"Total", "", 0, 0};
  for (const Kind& kind : kinds) {
    total.in_hour += kind.in_hour;
    total.in_all += kind.in_all;
    y = draw_row(document, y, kind, Document::Weight::Regular);
  }
  if (kinds.empty()) {
    document.text(kSourceColumn, y, 10, "No events were handled.");
    y -= kRowHeight;
  }
  document.line(kMargin, y + 12, kWidth - kMargin, y + 12);
  draw_row(document, y, total, kBold);
}

void draw_chart(Document& document, TimePoint hour, const Hours& by_hour) {
  constexpr float kBase = kMargin + 30;
  document.text(kMargin, kBase + kChartHeight + 26, 12, "Events by hour (UTC)", Document::Weight::Bold);
  document.line(kMargin, kBase, kWidth - kMargin, kBase);
  const std::int64_t highest = std::max<std::int64_t>(1, *std::ranges::max_element(by_hour));
  constexpr float kStep = (kWidth - 2 * kMargin) / static_cast<float>(kReportHours);
  for (std::size_t i = 0; i < by_hour.size(); ++i) {
    const float x = kMargin + kStep * static_cast<float>(i);
    const float height = kChartHeight * static_cast<float>(by_hour[i]) / static_cast<float>(highest);
    const bool is_reported = i + 1 == by_hour.size();
    if (by_hour[i] > 0) {
      document.box(x + 2, kBase, kStep - 4, height, is_reported ? 0.85F : 0.25F, is_reported ? 0.45F : 0.45F,
                   is_reported ? 0.1F : 0.7F);
      document.text(x + kStep / 2, kBase + height + 4, 8, std::to_string(by_hour[i]),
                    Document::Weight::Regular, Document::Align::Centre);
    }
    const TimePoint at = hour - std::chrono::hours{by_hour.size() - 1 - i};
    document.text(x + kStep / 2, kBase - 11, 8, core::format_utc_seconds(at).substr(11, 2),
                  Document::Weight::Regular, Document::Align::Centre);
  }
}

}  // namespace

TimePoint hour_of(TimePoint moment) {
  return std::chrono::floor<std::chrono::hours>(moment);
}

std::string hourly_report_key(TimePoint hour) {
  const std::string text = core::format_utc_seconds(hour);
  return fmt::format("hourly/{}-{}.pdf", text.substr(0, 10), text.substr(11, 2));
}

Result<std::string> hourly_report(TimePoint hour, const std::vector<EventCount>& counts) {
  const TimePoint begin = hour - std::chrono::hours{kReportHours - 1};
  std::vector<EventCount> shown;
  Hours by_hour{};
  for (const EventCount& count : counts) {
    if (count.hour < begin || count.hour > hour) continue;
    shown.push_back(count);
    by_hour[static_cast<std::size_t>(std::chrono::floor<std::chrono::hours>(count.hour - begin).count())] +=
        count.count;
  }

  Document document{hour};
  if (!document.is_made())
    return fail(ErrorCode::Unavailable, "The report cannot be drawn: there is no memory for it.");
  const std::string from = core::format_utc_seconds(hour).substr(0, 16);
  const std::string to = core::format_utc_seconds(hour + std::chrono::hours{1}).substr(11, 5);
  const std::string title =
      fmt::format("Hourly report, {} {} to {} UTC", from.substr(0, 10), from.substr(11), to);
  document.set_title(title);
  document.text(kMargin, kHeight - 70, 18, title, Document::Weight::Bold);
  document.text(kMargin, kHeight - 90, 10, "Events handled by eventbridge-agent, by source and detail type.");
  draw_table(document, kHeight - 125, kinds_of(hour, shown));
  draw_chart(document, hour, by_hour);
  return document.save();
}

}  // namespace ebagent::tools
