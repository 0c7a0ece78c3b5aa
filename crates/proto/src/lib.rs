//! The wire contracts, generated from `proto/`: types, clients, servers and the descriptor set.
//!
//! To change a contract, change the `.proto` file, comment every field with its unit and errors, and
//! run the tests: `buf lint` checks the style, and adding is the only change a published field knows.
//!
//! # Invariants
//! Nothing here is written by hand but this page. Wire types stay at the edges: `core`, `methods`,
//! `snapshot` and the stores never see them.

#![allow(missing_docs, unreachable_pub, clippy::all)]
#![doc(test(attr(ignore)))]

/// The compiled `FileDescriptorSet` of every contract, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/folkmoot.descriptors.bin"));

macro_rules! package {
    ($module:ident, $name:literal) => {
        #[doc = concat!("Package `", $name, "`.")]
        pub mod $module {
            tonic::include_proto!($name);
        }
    };
}

/// Google's own types that the contracts use.
pub mod google {
    /// Package `google.longrunning`.
    pub mod longrunning {
        tonic::include_proto!("google.longrunning");
    }
}

/// Folkmoot's contracts. The nesting follows the packages, as the generated paths need it.
pub mod folkmoot {
    pub mod survey {
        package!(v1, "folkmoot.survey.v1");
    }
    pub mod response {
        package!(v1, "folkmoot.response.v1");
    }
    pub mod aggregation {
        package!(v1, "folkmoot.aggregation.v1");
    }
    pub mod spec {
        package!(v1, "folkmoot.spec.v1");
    }
    pub mod release {
        package!(v1, "folkmoot.release.v1");
    }
    pub mod plugin {
        package!(v1, "folkmoot.plugin.v1");
    }
    pub mod error {
        package!(v1, "folkmoot.error.v1");
    }
}

pub use folkmoot::aggregation::v1 as aggregation;
pub use folkmoot::error::v1 as error;
pub use folkmoot::plugin::v1 as plugin;
pub use folkmoot::release::v1 as release;
pub use folkmoot::response::v1 as response;
pub use folkmoot::spec::v1 as spec;
pub use folkmoot::survey::v1 as survey;
pub use google::longrunning;
