//! Difference quotients of word networks. The index of a word has none, but its vector has: the word's row of the table is
//! moved in the bytes of the file, and the file is read and run again. Nothing of the explanation takes part.

use std::collections::HashMap;

use vitrine::Model;
use vitrine::engine::explain::{Method, Options, Quantity};
use vitrine::engine::graph::Element;
use vitrine::engine::graph::{Embed, INPUT, Operation, Site};

/// A file and what is given with it.
pub(crate) struct File {
    pub(crate) bytes: Vec<u8>,
    pub(crate) manifest: Option<String>,
    pub(crate) external: HashMap<String, Vec<u8>>,
}

impl File {
    pub(crate) fn read(&self) -> vitrine::Result<Model> {
        Model::read(&self.bytes, self.manifest.as_deref(), &self.external)
    }

    /// The model after `change` to the table of word vectors, wherever its bytes lie.
    fn with_table(&self, table: &[f32], change: impl Fn(&mut [f32])) -> Model {
        let bytes_of = |table: &[f32]| table.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
        let mut changed = table.to_vec();
        change(&mut changed);
        let (from, to) = (bytes_of(table), bytes_of(&changed));
        let mut file =
            Self { bytes: self.bytes.clone(), manifest: self.manifest.clone(), external: self.external.clone() };
        let holders = std::iter::once(&mut file.bytes).chain(file.external.values_mut());
        let mut n_found = 0;
        for holder in holders {
            if let Some(at) = holder.windows(from.len()).position(|window| window == from) {
                holder[at..at + to.len()].copy_from_slice(&to);
                n_found += 1;
            }
        }
        assert_eq!(n_found, 1, "the table of word vectors lies in the file once");
        file.read().unwrap()
    }
}

/// The largest difference between what gradients say of words and the difference quotients over their vectors, relative
/// to the largest: the slope along each word's vector, and the length of the whole gradient of some.
pub(crate) fn slope(file: &File, model: &Model, input: &[f32], targets: &[usize]) -> f64 {
    let op = embedding(model);
    let sites = sites(model, op);
    let moved = |word: usize, direction: &[f64], step: f64| {
        let moved = file.with_table(&op.table, |table| {
            let row = &mut table[word * op.width..][..op.width];
            row.iter_mut().zip(direction).for_each(|(e, d)| *e = (f64::from(*e) + step * d) as f32);
        });
        moved.predict(input).unwrap()
    };
    let quotients = |word: usize, direction: &[f64]| -> Vec<f64> {
        let (below, above) = (moved(word, direction, -STEP), moved(word, direction, STEP));
        targets.iter().map(|target| f64::from(above[*target] - below[*target]) / (2.0 * STEP)).collect()
    };
    let explained = |method| -> Vec<Vec<f64>> {
        let of = |target: &usize| {
            let options =
                Options { method, target: *target, quantity: Some(Quantity::Probability), ..Options::default() };
            model.explain(input, &options).unwrap().values
        };
        targets.iter().map(of).collect()
    };
    let (slopes, norms) = (explained(Method::Gradient), explained(Method::AbsGradient));
    let mut words: Vec<usize> = sites.iter().map(|site| input[*site] as usize).collect();
    words.sort_unstable();
    words.dedup();
    let mut worst = 0.0_f64;
    let mut n_whole = 0;
    for word in words {
        let row: Vec<f64> = op.table[word * op.width..][..op.width].iter().map(|e| f64::from(*e)).collect();
        let length = row.iter().map(|e| e * e).sum::<f64>().sqrt();
        let along: Vec<f64> = row.iter().map(|e| if length > 0.0 { e / length } else { 0.0 }).collect();
        let at: Vec<usize> = sites.iter().copied().filter(|site| input[*site] as usize == word).collect();
        let largest: Vec<f64> = norms.iter().map(|g| sites.iter().fold(1e-3, |a, site| g[*site].max(a))).collect();
        for (k, quotient) in quotients(word, &along).iter().enumerate() {
            // Every place of the word moves with its row.
            let slope: f64 = at.iter().map(|site| slopes[k][*site]).sum();
            worst = worst.max((slope - quotient).abs() / largest[k]);
        }
        if let ([site], true) = (&at[..], n_whole < WHOLE) {
            n_whole += 1;
            let unit = |k: usize| (0..op.width).map(|j| f64::from(u8::from(j == k))).collect::<Vec<f64>>();
            let components: Vec<Vec<f64>> = (0..op.width).map(|k| quotients(word, &unit(k))).collect();
            for k in 0..targets.len() {
                let norm = components.iter().map(|component| component[k].powi(2)).sum::<f64>().sqrt();
                worst = worst.max((norms[k][*site] - norm).abs() / largest[k]);
            }
        }
    }
    assert!(n_whole > 0, "no word stands in the sentence once");
    worst
}

/// Vectors are moved by so much to both sides; they are some tenths long.
const STEP: f64 = 1e-2;
/// The whole gradient is taken for so many words.
const WHOLE: usize = 2;

fn embedding(model: &Model) -> &Embed {
    let mut tables = model.graph().nodes.iter().filter_map(|node| match &node.operation {
        Operation::Embed(op) => Some(op),
        _ => None,
    });
    let op = tables.next().unwrap();
    assert!(tables.next().is_none(), "more tables of word vectors than one");
    op
}

/// Where in the input the words stand.
fn sites(model: &Model, op: &Embed) -> Vec<usize> {
    let origin = |index| match model.graph().origin(Site { value: op.input, index }) {
        Element::Site(Site { value: INPUT, index }) => index,
        other => panic!("a word that is {other:?}"),
    };
    (0..model.graph().lens[op.input]).map(origin).collect()
}

/// Keras 3 counts negative words from the end before it looks them up. No word is negative, so nothing is counted; where
/// the file compares words with another number than 0, it chooses between words, and is refused.
#[test]
fn only_the_wrap_of_negative_words_is_read() {
    let path = crate::common::fixtures("families").join("text-keras3.onnx");
    let mut file = File { bytes: std::fs::read(path).unwrap(), manifest: None, external: HashMap::new() };
    let model = file.read().unwrap();
    let mut input = vec![3.0; model.n_steps()];
    assert!(model.predict(&input).is_ok());
    input[4] = -1.0;
    let error = model.predict(&input).unwrap_err().to_string();
    assert!(error.contains("the word at step 4 is -1; words are the whole numbers from 0 to 29"), "{error}");
    // The 0 that words are compared with: in the protobuf its four bytes follow its name.
    let name = b"const_fold_opt__3551\x4a\x04";
    let at = file.bytes.windows(name.len()).position(|window| window == name).unwrap() + name.len();
    file.bytes[at..at + 4].copy_from_slice(&5.0_f32.to_le_bytes());
    let error = file.read().unwrap_err().to_string();
    assert!(error.contains("functional_1/embedding_1/GatherV2") || error.contains("of a table of 30"), "{error}");
}
