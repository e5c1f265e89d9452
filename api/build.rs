//! Migrations are embedded by a macro, which cargo does not see: a new file in the folder must build the crate again.
fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
