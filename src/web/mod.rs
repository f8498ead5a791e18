//! The wasm boundary: newtypes over the crate, and nothing that computes.

mod account;
mod alone;
mod api;
mod batch;
mod belongs;
mod canvas;
mod cohort;
mod cohort_trust;
mod demo;
mod edit;
mod export;
mod glance;
mod js;
mod methods;
mod models;
mod options;
mod questions;
mod reading;
mod records;
mod self_test;
mod summary;
mod task;
mod trust;

pub use account::*;
pub use alone::{JsAnatomy, anatomy, template_manifest, template_record};
pub use api::*;
pub use batch::ExplanationBatch;
pub use canvas::*;
pub use cohort::*;
pub use cohort_trust::{JsTrustRecords, JsTrustRows, JsTrustSummary, summarise_trust, trust_stays_task};
pub use demo::*;
pub use edit::*;
pub use export::*;
pub use glance::*;
pub use js::{last_panic, version};
pub use methods::{
    GroupEffects, JsGroupEffects, JsGroupOptions, explain_task, held_input, normal_input, occlusion_task, shapley_task,
};
pub use models::{JsModel, JsTogether, Models, unsure_cells};
pub use options::*;
pub use questions::*;
pub use reading::*;
pub use records::*;
pub use self_test::*;
pub use summary::{JsSummary, summary};
pub use task::Task;
pub use trust::{JsMethodAgreement, compare_explanations, disputed_cells, read_explanation, trust_task};
