//! What wasmtime makes of the world.

#![allow(missing_docs, unreachable_pub)]

wasmtime::component::bindgen!({
    path: "../plugin-sdk/wit",
    world: "plugin",
    ownership: Borrowing { duplicate_if_necessary: true },
    imports: { default: trappable },
});
