// Makes fsync() and fdatasync() fail with EIO while the file named by EBAGENT_FAIL_FSYNC exists, as a disk does that can
// no longer write. For the end-to-end tests, by LD_PRELOAD.
#include <dlfcn.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace {

using Flush = int (*)(int);

bool is_failing() {
  const char* trigger = std::getenv("EBAGENT_FAIL_FSYNC");
  return trigger != nullptr && ::access(trigger, F_OK) == 0;
}

int flush(const char* name, int descriptor) {
  if (is_failing()) {
    errno = EIO;
    return -1;
  }
  return reinterpret_cast<Flush>(::dlsym(RTLD_NEXT, name))(descriptor);
}

}  // namespace

extern "C" int fsync(int descriptor) {
  return flush("fsync", descriptor);
}

extern "C" int fdatasync(int descriptor) {
  return flush("fdatasync", descriptor);
}
