//! What is asked of an explanation: sums, words, cohorts, counterfactuals, and what leaves the page.

pub mod account;
pub mod alone;
pub mod audit;
pub mod batch;
pub mod boundary;
pub mod class_model;
pub mod cohort;
pub mod counterfactual;
pub mod export;
pub mod figure;
pub mod history;
pub mod import;
pub mod inspect;
pub mod lengths;
pub mod models;
pub mod replay;
pub mod rows;
pub mod self_test;
pub mod sentence;
pub mod summary;
pub mod table;
