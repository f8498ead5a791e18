# Finds or installs what turns Rust into pkg/: `. tools/lib.sh; . tools/wasm-toolchain.sh; wasm_toolchain`.
#
# Two routes lead to wasm32-unknown-unknown; WASM_ROUTE=rustup|debian forces one:
#   rustup   `rustup target add wasm32-unknown-unknown`, wherever rustup can download it
#   debian   Debian's own Rust, which builds the standard library from its source package; for machines that reach
#            package registries only
#
# Afterwards ROUTE names the one taken, WASM_PATH goes before PATH, WASM_ENV and WASM_FLAGS go to cargo.

WASM_TARGET=wasm32-unknown-unknown
WASM_PACK_VERSION=0.15.1
DEBIAN_RUST=(rustc-web cargo-web rust-web-src rust-web-llvm lld-22)

# The command-line tool has to be of exactly the version of the library.
wasm_bindgen_version() {
  local version
  version=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/"/, "", $3); print $3 }' "$ROOT/Cargo.lock")
  [ -n "$version" ] || die "Cargo.lock names no wasm-bindgen; run cargo update -p wasm-bindgen"
  printf '%s\n' "$version"
}

# cargo_tool CRATE VERSION BINARY: installs a command-line tool into CACHE once, and prints the folder of its binary.
cargo_tool() {
  local crate=$1 version=$2 binary=$3
  local root=$CACHE/${crate%-cli}-$version
  if [ ! -x "$root/bin/$binary" ]; then
    has cargo || die "cargo is not on PATH; install Rust (rustup, or Debian's ${DEBIAN_RUST[*]})"
    say "installing $crate $version into $root (a few minutes, once)"
    # Into the tool's own folder, whatever the caller's build settings are. They run for seconds and are compiled for
    # minutes: little optimisation saves more than it costs. A locked dependency may have left the registry; the newest
    # compatible ones are the second choice.
    local install=(env -u CARGO_TARGET_DIR -u CARGO_BUILD_TARGET -u RUSTFLAGS -u CARGO_ENCODED_RUSTFLAGS -u RUSTC_BOOTSTRAP
      CARGO_PROFILE_RELEASE_OPT_LEVEL=1 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16
      cargo install --quiet --root "$root" --version "$version")
    "${install[@]}" --locked "$crate" >&2 ||
      { say "with its own lock file it could not be installed; taking the newest compatible dependencies instead" &&
        "${install[@]}" "$crate" >&2; } ||
      die "$crate $version could not be installed; see above"
  fi
  printf '%s\n' "$root/bin"
}

rustup_has_target() { has rustup && rustup target list --installed 2>/dev/null | grep -qx "$WASM_TARGET"; }

add_rustup_target() {
  has rustup || { say "rustup is not on PATH"; return 1; }
  say "installing the Rust target $WASM_TARGET by rustup into $(rustup show home 2>/dev/null || echo its own folder)"
  rustup target add "$WASM_TARGET" >&2
}

debian_packages_missing() {
  local package
  has dpkg-query || { printf '%s\n' "${DEBIAN_RUST[@]}"; return; }
  for package in "${DEBIAN_RUST[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || printf '%s\n' "$package"
  done
}

take_rustup_route() {
  rustup_has_target || add_rustup_target || return 1
  ROUTE=rustup
  WASM_PATH=
  WASM_ENV=()
  WASM_FLAGS=()
  STD_SOURCE=
}

# link_tool NAME: a link to Debian's own. One that is there is left: a build beside this one may be using it.
link_tool() { [ -L "$WASM_PATH/$1" ] || ln -sfn "/usr/bin/$1" "$WASM_PATH/$1"; }

take_debian_route() {
  local missing name
  missing=$(debian_packages_missing | tr '\n' ' ')
  # shellcheck disable=SC2086 # a list of package names
  [ -z "$missing" ] || apt_install "WebAssembly by Debian's Rust" $missing
  # rustup's cargo may stand before Debian's on PATH, and /usr/bin as a whole must not go first.
  WASM_PATH=$CACHE/debian-rust/bin
  mkdir -p "$WASM_PATH"
  for name in cargo rustc rustdoc; do link_tool "$name"; done
  ROUTE=debian
  # -Zbuild-std is not stable, and Debian ships no standard library for this target.
  WASM_ENV=(RUSTC_BOOTSTRAP=1 "RUSTC=$WASM_PATH/rustc")
  WASM_FLAGS=(-Zbuild-std=std,panic_abort)
  STD_SOURCE=/usr/lib/rustlib/src/rust
}

# The checks of WebAssembly and its build may start at once: one of them installs.
wasm_toolchain() { alone wasm-toolchain find_wasm_toolchain; }
find_wasm_toolchain() {
  case ${WASM_ROUTE:-} in
    rustup) take_rustup_route || die "WASM_ROUTE=rustup: rustup could not install $WASM_TARGET" ;;
    debian) take_debian_route ;;
    "") take_rustup_route || { say "taking Debian's toolchain instead"; take_debian_route; } ;;
    *) die "WASM_ROUTE=$WASM_ROUTE: give rustup or debian" ;;
  esac
  RUSTC_VERSION=$(PATH=${WASM_PATH:+$WASM_PATH:}$PATH rustc --version)
  say "wasm toolchain: $ROUTE route, $RUSTC_VERSION"
}
