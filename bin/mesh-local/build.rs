//! Links the binary at a fixed address. The tables of the models' schemas hold pointers; in a position-independent
//! binary each is relocated at start, and every page with one becomes memory of the process.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var_os("CARGO_CFG_TARGET_OS").is_some_and(|system| system == "linux") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
}
