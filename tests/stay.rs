//! Records of the benchmark -> the model's input, against arrays written by hand.

use std::path::{Path, PathBuf};
use vitrine::stay::manifest::Manifest;
use vitrine::stay::{Format, Stay};

/// The real stays, where the user has them: `VITRINE_DATA`, else `../shared/data` beside the repository.
fn data() -> PathBuf {
    std::env::var_os("VITRINE_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from)
}

#[test]
fn all_real_stays_are_read() {
    let folder = data().join("mimic3-demo-ihm/train");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        eprintln!("SKIPPED all_real_stays_are_read: no {}", folder.display());
        return;
    };
    let manifest = Manifest::built_in(48, 76, 1).unwrap();
    let mut n_stays = 0;
    for path in entries.map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if !name.ends_with("_timeseries.csv") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let stay = Stay::parse(&text, &manifest, Format::Auto, &name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(stay.input.len(), 48 * 76);
        assert!(stay.input.iter().all(|value| value.is_finite()));
        n_stays += 1;
    }
    assert_eq!(n_stays, 46);
}
