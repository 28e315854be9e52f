#!/usr/bin/env bash
# Installs what is missing; the only place of the project that installs anything. Works as root and with sudo; running it
# again changes nothing.
#   setup.sh               the Debian packages of scripts/packages.txt
#   setup.sh javascript    Node.js, where there is none, and what tests/e2e/js and tests/e2e/mcp pin: the AWS SDK for
#                          JavaScript, and servers and clients of MCP
set -euo pipefail
cd "$(dirname "$0")/.."

# Installs those of the given Debian packages that are missing.
install_packages() {
  local wanted=("$@") missing=() as_root=() package status
  for package in "${wanted[@]}"; do
    status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
  done
  if [ ${#missing[@]} -eq 0 ]; then
    return 0
  fi
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "setup: ${#missing[@]} Debian packages are missing and neither root nor sudo is here to install them:" >&2
      echo "  apt-get install ${missing[*]}" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  echo "setup: installing ${#missing[@]} Debian packages: ${missing[*]}"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# `npm ci` takes the versions of package-lock.json and checks their hashes. A mark says for which lock file it was done.
install_npm_packages() {
  local folder=$1
  local mark=$folder/node_modules/.installed
  if cmp -s "$folder/package-lock.json" "$mark"; then
    return 0
  fi
  command -v node >/dev/null || install_packages nodejs
  command -v npm >/dev/null || install_packages npm
  npm ci --prefix "$folder" --no-audit --no-fund --ignore-scripts --silent --fetch-retries=1 --fetch-timeout=30000
  cp "$folder/package-lock.json" "$mark"
}

install_javascript() {
  install_npm_packages tests/e2e/js
  install_npm_packages tests/e2e/mcp
}

case ${1:-packages} in
  packages)
    mapfile -t packages < <(grep -v '^#' scripts/packages.txt)
    install_packages "${packages[@]}"
    ;;
  javascript) install_javascript ;;
  *)
    echo "usage: scripts/setup.sh [javascript]" >&2
    exit 2
    ;;
esac
