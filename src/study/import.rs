//! A map from elsewhere: relevance that Captum, SHAP or one's own code computed, as CSV or as a `NumPy` array.

mod npy;
mod table;

use crate::error::{Error, Kind, Place, Result};
use crate::stay::manifest::Manifest;

/// A map as it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// `[n_steps * n_columns]`, in the order of the model's input.
    pub values: Vec<f64>,
    /// Cells of the picture, a channel in a step, that the file does not name; they receive 0.
    pub n_unnamed: usize,
}

/// Reads a map of an input, `[n_steps * n_columns]`, in the order of the model's input.
///
/// A file that begins as a `NumPy` array (`.npy`, versions 1 to 3) is read as one: single or double precision, little
/// endian, in C or Fortran order, of shape `[steps, columns]`, with axes of length 1 in front, or flat. Everything else
/// is read as CSV with a header: `hour`, one of `channel` and `column`, and `relevance`, and of channels `mask_relevance`, that of
/// their being measured, as the page's own tables have it. Between the columns stand commas, or semicolons or tabs, and then
/// numbers may have a decimal comma. Lines that begin with `#` are left out. Hours count from admission, and
/// a channel is named as in the manifest, by its name or its label. A channel's relevance stands in its value's column,
/// of a one-hot channel in that of the category that `input` has there; `column` is an index from 0, masks included.
/// Cells that are not named receive 0, and are counted. Where a table of channels has a `value` as well, in clinical or in the
/// model's units, it has to be that of the input, to a tenth of the channel's spread: else the map is of another stay.
///
/// # Errors
/// [`Kind::Argument`] with the line or the part of the header, and what to do.
pub fn read(bytes: &[u8], manifest: &Manifest, input: &[f32]) -> Result<Import> {
    let it = if npy::is_it(bytes) {
        Import { values: npy::read(bytes, manifest.steps, manifest.columns)?, n_unnamed: 0 }
    } else {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| wrong("is neither a NumPy array nor text in UTF-8; save it as .npy or as CSV"))?;
        table::read(text, manifest, input)?
    };
    match it.values.iter().position(|value| !value.is_finite()) {
        None => Ok(it),
        Some(at) => {
            let (step, column) = (at / manifest.columns, at % manifest.columns);
            Err(wrong(&format!(
                "the relevance of column {column} at step {step} is not a finite number; mend it first"
            )))
        }
    }
}

fn wrong(message: &str) -> Error {
    Error::new(Kind::Argument, message).at(Place::Field("map".into()))
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::stay::manifest::Manifest;

    fn manifest() -> Manifest {
        Manifest::built_in(48, 76, 1).unwrap()
    }

    fn input() -> Vec<f32> {
        crate::stay::removal::normal_input(&manifest())
    }

    fn table(text: &str) -> crate::Result<Vec<f64>> {
        Ok(read(text.as_bytes(), &manifest(), &input())?.values)
    }

    /// A `NumPy` file by hand, its header padded as `NumPy` pads it.
    #[expect(clippy::cast_possible_truncation, reason = "what a test writes is small")]
    fn npy(version: u8, dictionary: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{dictionary:<117}\n");
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0]);
        let len = header.len() as u32;
        bytes.extend(if version == 1 { (len as u16).to_le_bytes().to_vec() } else { len.to_le_bytes().to_vec() });
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    fn small() -> Manifest {
        Manifest::built_in(2, 3, 1).unwrap()
    }

    #[test]
    fn a_table_names_cells_by_channel_or_by_column() {
        let values = table("hour,channel,relevance\n0,Heart Rate,0.5\n47.5,ph,-1e-3\n").unwrap();
        let heart = manifest().channels.iter().find(|channel| channel.name == "Heart Rate").unwrap().columns[0];
        let ph = manifest().channels.iter().find(|channel| channel.name == "pH").unwrap().columns[0];
        let told: Vec<(usize, f64)> = values.iter().copied().enumerate().filter(|(_, value)| *value != 0.0).collect();
        assert_eq!(told, [(heart, 0.5), (47 * 76 + ph, -1e-3)]);
        for text in [
            "\u{feff}Relevance, column ,HOUR\n2,75,1\n",
            "hour;column;relevance\n1,0;75;2,0\n",
            "hour\tcolumn\trelevance\n1\t75\t2\n",
        ] {
            assert_eq!(table(text).unwrap()[76 + 75], 2.0, "{text}");
        }
    }

    /// A table as the page writes it, with what the channel's being measured received and the provenance behind it.
    #[test]
    fn a_table_of_the_page_is_a_map() {
        let own = "stay,channel,hour,value,relevance,mask_relevance\ns,pH,3,7.4,0.5,-0.25\ns,pH,4,7.4,0.25,0\n# made by hand\n";
        let ph = manifest().channels.iter().find(|channel| channel.name == "pH").cloned().unwrap();
        let [column, mask] = [ph.columns[0], ph.mask.unwrap()];
        let values = table(own).unwrap();
        let told: Vec<(usize, f64)> = values.iter().copied().enumerate().filter(|(_, value)| *value != 0.0).collect();
        let mut wanted = [(3 * 76 + column, 0.5), (3 * 76 + mask, -0.25), (4 * 76 + column, 0.25)];
        wanted.sort_by_key(|(at, _)| *at);
        assert_eq!(told, wanted);
        let bare = read(b"hour,channel,relevance,mask_relevance\n0,c0,1,2\n", &small(), &[0.0; 6]).unwrap_err();
        assert!(bare.to_string().contains("no column of its being measured"), "{bare}");
    }

    #[test]
    fn cells_that_a_table_does_not_name_are_counted() {
        let of = |text: &str| read(text.as_bytes(), &manifest(), &input()).unwrap().n_unnamed;
        assert_eq!(of("hour,channel,relevance\n0,Heart Rate,0.5\n3,pH,1\n"), 17 * 48 - 2);
        let all: String = (0..48).flat_map(|hour| (0..76).map(move |column| format!("{hour},{column},0\n"))).collect();
        assert_eq!(of(&format!("hour,column,relevance\n{all}")), 0);
    }

    #[test]
    fn a_table_with_the_values_of_another_stay_is_refused() {
        // The normal pH is 7.4; in the model's units it is far from that.
        assert!(table("hour,channel,value,relevance\n0,pH,7.4,1\n0,Glascow coma scale verbal response,2,1\n").is_ok());
        let error = table("hour,channel,value,relevance\n0,Heart Rate,86,1\n0,pH,7.1,1\n").unwrap_err().to_string();
        assert!(error.contains("line 3") && error.contains("value 7.1") && error.contains("7.4"), "{error}");
        let (bytes, stay) = ("hour,channel,value,relevance\n0,c0,0.5,1\n", [0.5, 0.0, 0.0, 0.0, 0.0, 0.0]);
        assert_eq!(read(bytes.as_bytes(), &small(), &stay).unwrap().values[0], 1.0);
        // A column of that name with something else than numbers says nothing of the stay.
        assert!(table("hour,channel,value,relevance\n0,pH,low,1\n").is_ok());
    }

    #[test]
    fn a_one_hot_channel_receives_it_at_the_category_that_holds() {
        let values = table("hour,channel,relevance\n3,Glascow coma scale eye opening,1\n").unwrap();
        let at = values.iter().position(|value| *value == 1.0).unwrap();
        assert_eq!((at / 76, input()[at]), (3, 1.0));
    }

    #[test]
    fn what_cannot_be_read_is_refused_in_words() {
        let cases = [
            ("hour,channel\n0,pH\n", "no column relevance"),
            ("step,channel,relevance\n0,pH,1\n", "no column hour"),
            ("hour,channel,relevance\n", "no lines"),
            ("hour,channel,relevance\n48,pH,1\n", "line 2: hour 48 is outside"),
            ("hour,channel,relevance\n-1,pH,1\n", "outside"),
            ("hour,channel,relevance\n0,pH,1\n0,pH,1\n", "line 3: the same cell"),
            ("hour,channel,relevance\n0,beauty,1\n", "line 2: \"beauty\" is no channel"),
            ("hour,column,relevance\n0,76,1\n", "\"76\" is not one of 0 to 75"),
            ("hour,column,relevance\n0,1,\"0,5\"\n", "relevance \"0,5\" is no number"),
            ("hour;column;relevance\n0;1;1,000,5\n", "relevance \"1,000,5\" is no number"),
            ("hour,column,relevance\n0,1,NaN\n", "not a finite number"),
            ("hour,column,relevance\n0,1\n", "line 2: has another number of fields"),
        ];
        for (text, words) in cases {
            let error = table(text).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        assert!(read(&[0xff, 0xfe, 0], &manifest(), &input()).unwrap_err().to_string().contains("UTF-8"));
    }

    #[test]
    fn arrays_of_all_kinds_say_the_same() {
        let rows = [1.0_f32, 2.0, 3.0, 4.0, 5.0, 6.0];
        let columns = [1.0_f32, 4.0, 2.0, 5.0, 3.0, 6.0];
        let single = |values: &[f32]| values.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
        let double = |values: &[f32]| values.iter().flat_map(|v| f64::from(*v).to_le_bytes()).collect::<Vec<u8>>();
        let header = |kind: &str, order: &str, shape: &str| {
            format!("{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}")
        };
        let cases = [
            npy(1, &header("<f4", "False", "(2, 3)"), &single(&rows)),
            npy(2, &header("<f8", "False", "(1, 2, 3)"), &double(&rows)),
            npy(1, &header("<f4", "True", "(2, 3)"), &single(&columns)),
            npy(3, &header("<f8", "True", "(1, 2, 3)"), &double(&columns)),
            npy(1, &header("<f8", "True", "(6,)"), &double(&rows)),
        ];
        for bytes in cases {
            assert_eq!(read(&bytes, &small(), &[0.0; 6]).unwrap().values, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
        }
        let refused = [
            (npy(1, &header(">f4", "False", "(2, 3)"), &single(&rows)), ".astype"),
            (npy(1, &header("|O", "False", "(2, 3)"), &single(&rows)), "|O"),
            (npy(1, &header("<f4", "False", "(3, 2)"), &single(&rows)), "[3, 2]"),
            (npy(1, &header("<f4", "False", "(5, 2, 3)"), &single(&rows)), "one stay's map"),
            (npy(1, &header("<f4", "False", "(2, 3)"), &single(&rows[..5])), "holds 5 numbers"),
            (npy(1, &header("<f4", "Maybe", "(2, 3)"), &single(&rows)), "in which order"),
            (npy(1, "{'descr': '<f4'}", &single(&rows)), "\"shape\""),
            (npy(1, &header("<f4", "False", "(2, 3)"), &single(&rows))[..40].to_vec(), "cut off"),
            (npy(1, &header("<f4", "False", "(2, 3)"), &single(&[f32::NAN; 6])), "not a finite number"),
        ];
        for (bytes, words) in refused {
            let error = read(&bytes, &small(), &[0.0; 6]).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }
}
