//! Zip archives, as APPNOTE.TXT 6.3 has them: the central directory at the end, entries stored or deflated.

use super::{Opened, inflated, take as take_file, wrong};
use crate::Result;
use crate::stay::shown;
use flate2::read::DeflateDecoder;

/// Most entries that are looked at.
const ENTRIES_MAX: usize = 10_000;

const END: &[u8; 4] = b"PK\x05\x06";
const ENTRY: &[u8; 4] = b"PK\x01\x02";
const LOCAL: &[u8; 4] = b"PK\x03\x04";

/// Entries that give away what the archive is, and what to do.
const KINDS: [(&str, &str); 5] = [
    ("xl/workbook", "this is an Excel workbook; save the sheet as CSV"),
    ("word/document", "this is a Word document; export the record as CSV or FHIR JSON"),
    ("content.xml", "this is an OpenDocument file; save the sheet as CSV"),
    ("data.pkl", "this is a PyTorch file; export the model to ONNX, or save the table as CSV"),
    (".npy", "this is a NumPy archive; save the table as CSV"),
];

/// An entry of the central directory.
struct ZipEntry<'z> {
    name: String,
    is_encrypted: bool,
    method: u16,
    compressed: usize,
    /// From its local header on.
    local: &'z [u8],
}

/// Takes the texts of an archive. What is no text is left out with a line.
pub(super) fn take(bytes: &[u8], opened: &mut Opened, room: &mut usize, depth: usize) -> Result<()> {
    let entries = entries(bytes).ok_or_else(|| wrong("the zip archive is damaged or unusually large; unpack it"))?;
    let is =
        |name: &str, sign: &str| name.starts_with(sign) || name.ends_with(sign) || name.contains(&format!("/{sign}"));
    if let Some((_, message)) = KINDS.iter().find(|(sign, _)| entries.iter().any(|entry| is(&entry.name, sign))) {
        return Err(wrong(*message));
    }
    for entry in &entries {
        let file = entry.name.rsplit('/').next().unwrap_or_default();
        if file.is_empty() || entry.name.starts_with("__MACOSX/") || file == ".DS_Store" {
            continue;
        }
        let taken =
            entry.bytes(room).map_err(wrong).and_then(|inner| take_file(&entry.name, &inner, opened, room, depth));
        if let Err(error) = taken {
            opened.left_out.push(format!("{}: {}", shown(&entry.name), error.message));
        }
    }
    Ok(())
}

impl ZipEntry<'_> {
    fn bytes(&self, room: &mut usize) -> std::result::Result<Vec<u8>, String> {
        if self.is_encrypted {
            return Err("is encrypted; unpack it".to_owned());
        }
        let start = (|| {
            let is_local = self.local.starts_with(LOCAL);
            is_local.then_some(30 + number(self.local, 26, 2)? + number(self.local, 28, 2)?)
        })();
        let data = start.and_then(|start| self.local.get(start..start.checked_add(self.compressed)?));
        match (data, self.method) {
            (None, _) => Err("is damaged; fetch the archive again".to_owned()),
            (Some(data), 0) => inflated(data, room),
            (Some(data), 8) => inflated(DeflateDecoder::new(data), room),
            (Some(_), method) => Err(format!("is compressed by method {method}, which is not read; unpack it")),
        }
    }
}

/// The entries of the central directory; `None` where there is none that can be read.
fn entries(bytes: &[u8]) -> Option<Vec<ZipEntry<'_>>> {
    // The end's record has 22 bytes and a comment of at most 65,535.
    let tail = bytes.len().saturating_sub(22 + 65_535);
    let end = tail + bytes.get(tail..)?.windows(4).rposition(|four| four == END)?;
    let (count, mut at) = (number(bytes, end + 10, 2)?, number(bytes, end + 16, 4)?);
    let mut entries = Vec::new();
    for _ in 0..count.min(ENTRIES_MAX) {
        let header = bytes.get(at..)?;
        if !header.starts_with(ENTRY) {
            return None;
        }
        let (name, extra, comment) = (number(header, 28, 2)?, number(header, 30, 2)?, number(header, 32, 2)?);
        entries.push(ZipEntry {
            name: String::from_utf8_lossy(header.get(46..46 + name)?).replace('\\', "/"),
            is_encrypted: number(header, 8, 2)? & 1 == 1,
            method: u16::try_from(number(header, 10, 2)?).ok()?,
            compressed: number(header, 20, 4)?,
            local: bytes.get(number(header, 42, 4)?..)?,
        });
        at += 46 + name + extra + comment;
    }
    (count <= ENTRIES_MAX).then_some(entries)
}

/// A number of so many bytes, the least significant first.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let field = bytes.get(at..at.checked_add(length)?)?;
    Some(field.iter().rev().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::super::{only, open};
    use flate2::Compression;
    use flate2::write::DeflateEncoder;
    use std::io::Write;

    /// An archive by the format's own tables: local headers, data, central directory, end.
    #[expect(clippy::cast_possible_truncation, reason = "what a test writes is small")]
    fn zipped(files: &[(&str, &[u8], u16)]) -> Vec<u8> {
        let (mut bytes, mut directory) = (Vec::new(), Vec::new());
        for (name, content, method) in files {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(content).unwrap();
            let data = if *method == 8 { encoder.finish().unwrap() } else { content.to_vec() };
            let offset = bytes.len() as u32;
            let sizes = [(data.len() as u32).to_le_bytes(), (content.len() as u32).to_le_bytes()].concat();
            let lengths = [(name.len() as u16).to_le_bytes(), [0, 0]].concat();
            // Version, flags, method, time, date, checksum.
            let common = [&[20, 0, 0, 0][..], &method.to_le_bytes(), &[0; 8], &sizes, &lengths].concat();
            bytes.extend([b"PK\x03\x04", &*common, name.as_bytes(), &data].concat());
            let more = [&[0; 10][..], &offset.to_le_bytes(), name.as_bytes()].concat();
            directory.extend([b"PK\x01\x02\x14\0", &*common, &more].concat());
        }
        let (at, n) = ((bytes.len() as u32).to_le_bytes(), (files.len() as u16).to_le_bytes());
        let size = (directory.len() as u32).to_le_bytes();
        bytes.extend([&*directory, b"PK\x05\x06\0\0\0\0", &n, &n, &size, &at, &[0, 0]].concat());
        bytes
    }

    #[test]
    fn texts_come_out_and_the_rest_is_named() {
        let archive = zipped(&[
            ("stays/", b"", 0),
            ("stays/a.csv", b"Hours,pH\n0,7.3\n", 8),
            ("stays/b.csv", b"Hours,pH\n", 0),
            ("__MACOSX/stays/._a.csv", b"\0\0", 0),
            ("picture.png", b"\x89PNG\r\n", 0),
            ("odd", b"", 12),
        ]);
        let opened = open("stays.zip", &archive).unwrap();
        let names: Vec<&str> = opened.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["stays/a.csv", "stays/b.csv"]);
        assert_eq!(opened.files[0].text, "Hours,pH\n0,7.3\n");
        assert_eq!(opened.left_out.len(), 2, "{:?}", opened.left_out);
        assert!(opened.left_out[0].starts_with("picture.png: this is a picture"), "{:?}", opened.left_out);
        assert!(opened.left_out[1].contains("method 12"), "{:?}", opened.left_out);
        assert!(only("x", &archive).unwrap_err().message.contains("\"stays/a.csv\", \"stays/b.csv\"; open one"));
        assert_eq!(only("x", &zipped(&[("a.csv", b"Hours,pH\n", 8)])), Ok("Hours,pH\n".to_owned()));
    }

    #[test]
    fn workbooks_and_tensors_are_named() {
        for (name, word) in [
            ("xl/workbook.xml", "Excel"),
            ("archive/data.pkl", "PyTorch"),
            ("x.npy", "NumPy"),
            ("content.xml", "OpenDocument"),
        ] {
            assert!(open("x", &zipped(&[(name, b"a", 0)])).unwrap_err().message.contains(word), "{name}");
        }
    }

    /// Whatever is cut off or overwritten, there is an answer.
    #[test]
    fn damage_never_panics() {
        let whole = zipped(&[("a.csv", b"Hours,pH\n0,7.3\n", 8)]);
        let mut n_read = 0;
        for at in 4..whole.len() {
            n_read += usize::from(open("x", &whole[..at]).is_ok());
            for byte in [0, 0xFF] {
                let mut damaged = whole.clone();
                damaged[at] = byte;
                n_read += usize::from(open("x", &damaged).is_ok());
            }
        }
        assert!(n_read > 0);
    }
}
