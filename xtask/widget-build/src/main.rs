//! The heavy half of `cargo xtask widget`: what needs wasm-bindgen and brotli, which take longer to compile than all of `xtask`.
//!
//! `xtask` builds and calls this program; nobody else does. Its two commands are
//!
//! * `bind WASM NAME FOLDER`: let wasm-bindgen write the glue `NAME.js` and `NAME_bg.wasm` into the folder;
//! * `sizes FILE…`: print the size of each file as a web server sends it, one number a line.

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use brotli::enc::BrotliEncoderParams;
use wasm_bindgen_cli_support::Bindgen;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["bind", wasm, name, folder] => bind(Path::new(wasm), name, Path::new(folder)),
        ["sizes", files @ ..] => {
            let mut out = std::io::stdout().lock();
            for file in files {
                writeln!(out, "{}", compressed(&read(Path::new(file))?)?)?;
            }
            Ok(())
        }
        _ => bail!("`cargo xtask widget` calls this program\n  usage: bind WASM NAME FOLDER | sizes FILE…"),
    }
}

fn bind(wasm: &Path, name: &str, folder: &Path) -> Result<()> {
    Bindgen::new()
        .input_bytes(name, read(wasm)?)
        .web(true)?
        .typescript(false)
        // The loader always says where the wasm is.
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(folder)
        .context("wasm-bindgen cannot make the glue")
}

/// How many bytes brotli leaves at its best, as a web server would send them.
fn compressed(bytes: &[u8]) -> Result<usize> {
    let mut small = Vec::new();
    let parameters = BrotliEncoderParams { quality: 11, ..Default::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut small, &parameters)?;
    Ok(small.len())
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_repeats_is_small_and_nothing_is_nearly_nothing() {
        let long = "circle ".repeat(1000);
        assert!(super::compressed(long.as_bytes()).unwrap() < 100);
        assert!(super::compressed(b"").unwrap() < 10);
    }
}
