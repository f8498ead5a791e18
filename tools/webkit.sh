#!/usr/bin/env bash
# Prints the folder of WebKitGTK's small browser, after seeing to it that its driver and a screen without a screen are
# there: Debian packages. Where there is no apt-get, or it has no such packages, it fails, and the tests are skipped.
. "$(dirname "$0")/lib.sh"

browser() { find /usr/lib /usr/libexec -path '*webkit2gtk-4*' -name MiniBrowser 2>/dev/null | sort | tail -1; }
is_there() { has WebKitWebDriver && has Xvfb && [ -n "$(browser)" ]; }
is_there || { apt_install "the WebKit tests" webkit2gtk-driver xvfb && is_there; } || die "WebKitWebDriver, Xvfb and MiniBrowser are not here"
browser
