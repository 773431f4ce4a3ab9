//! Writes the C header to `$OUT_DIR/slotkeeper.h` (a test compares it with `include/slotkeeper.h`) and names the shared
//! library for the linker.

use std::env;
use std::path::{Path, PathBuf};

/// What the header is made of, with the modules that these declare; other sources are not read, so nothing else can leak
/// into it.
const SOURCES: [&str; 2] = ["src/ffi/codes.rs", "src/ffi/c/mod.rs"];

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=cbindgen.toml");
    println!("cargo:rerun-if-changed=src/ffi");
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    write_header(&root, &out.join("slotkeeper.h"));
    name_library();
}

fn write_header(root: &Path, header: &Path) {
    let config = cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml is readable");
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in SOURCES {
        builder = builder.with_src(root.join(source));
    }
    match builder.generate() {
        Ok(bindings) => {
            bindings.write_to_file(header);
        }
        // The compiler tells better than cbindgen what is wrong with a source that does not parse.
        Err(cbindgen::Error::ParseSyntaxError { .. }) => {}
        Err(error) => panic!("the C header cannot be generated: {error}"),
    }
}

/// rustc sets no SONAME. The library is never unmapped: its threads may run when the last handle on it is closed.
fn name_library() {
    if env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libslotkeeper.so.0");
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
