//! Reads a loop's body, node by node, into expressions. Nothing is guessed from names: every value is what its
//! operations say it is, and an operation that is not listed here ends the reading.
//!
//! What is listed is what Keras 3 and tf2onnx write into the body of a recurrence: a row of the sequence, products with
//! weights, biases, gates as slices or splits of one product, activations (hard sigmoids as clips), and choices by a
//! mask. The batch is one stay, so a vector here is a row, and axes of length 1 are let go.
//!
//! | operators | read as |
//! |---|---|
//! | `Gather` along the first axis | the row of a sequence outside, or of a mask |
//! | `MatMul`, `Gemm` | a product with a constant matrix, and a bias |
//! | `Split`, `Slice` | some columns of a product |
//! | `Add`, `Mul` | a sum, a product, a bias, a scaling; the way Keras writes a mask |
//! | `Sub` | 1 minus a vector |
//! | `Clip` after a scaling | a hard sigmoid |
//! | `Sigmoid`, `Tanh`, `Relu` and the other activations of ONNX's recurrent nodes | a function |
//! | `Where`, `Not` of a mask | a choice at masked steps |
//! | `Identity`, `Cast`, `Squeeze` | what they read |

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use tract_onnx::pb::{GraphProto, NodeProto};

use super::constant::Constant;
use super::expression::{AffineSum, Expression, Matrix};
use super::mask::masks;
use super::reason::{LoopReason, producers};
use crate::engine::function::activation::Activation;
use crate::engine::number::{signed, single, to_index};

/// The body of a loop, and what it can see of the graph around it.
pub(super) struct Body<'a> {
    /// The node of the body that computes each name.
    pub(super) producers: HashMap<&'a str, &'a NodeProto>,
    /// Constants of the body and of the graph around it, and states that stay what they are.
    pub(super) constant: &'a dyn Fn(&str) -> Option<Constant>,
    /// Number of each state among the body's inputs, by name.
    pub(super) states: HashMap<&'a str, usize>,
    /// What the body reads rows of.
    pub(super) reads: RefCell<Vec<Read>>,
    /// The sequences that say which steps are masked.
    masks: Vec<String>,
    /// What was read, with the number of operations that it takes written out. A value that two others read is read
    /// once.
    memo: RefCell<HashMap<String, (BodyValue, usize)>>,
    /// How many values deep the reading is.
    depth: Cell<usize>,
}

/// A row that the body reads.
#[derive(Debug, Clone)]
pub(super) struct Read {
    /// Name of the sequence.
    pub(super) sequence: String,
    /// Name of the row's index.
    pub(super) index: String,
    /// Whether it says which steps are masked.
    pub(super) is_mask: bool,
}

/// A step of a recurrence is shorter, written out as one formula. A damaged or hostile body may not be: its formula
/// doubles with each value that two others read.
const MAX_OPERATIONS: usize = 10_000;
/// A step of a recurrence is less nested.
const MAX_DEPTH: usize = 100;

/// What a name of the body stands for.
#[derive(Clone)]
pub(super) enum BodyValue {
    /// Numbers of the file.
    Constant(Rc<Constant>),
    /// A vector that is computed, one row.
    Vector(Rc<Expression>),
}

impl<'a> Body<'a> {
    /// A body of which nothing has been read. `constant` finds the constants that the body can see, `states` numbers
    /// its states.
    pub(super) fn new(
        graph: &'a GraphProto,
        constant: &'a dyn Fn(&str) -> Option<Constant>,
        states: HashMap<&'a str, usize>,
    ) -> Self {
        let producers = producers(&graph.node);
        Self {
            producers,
            constant,
            states,
            masks: masks(graph),
            reads: RefCell::default(),
            memo: RefCell::default(),
            depth: Cell::new(0),
        }
    }

    /// The vector called `name`.
    ///
    /// # Errors
    /// Says which node is none of a recurrence, and why. So do all readers below.
    pub(super) fn vector(&self, name: &str) -> Result<Rc<Expression>, LoopReason> {
        match self.value(name)? {
            BodyValue::Vector(vector) => Ok(vector),
            BodyValue::Constant(_) => {
                Err(format!("\"{name}\" in its body is a constant where a computed value is expected").into())
            }
        }
    }

    /// What `name` stands for, read once and within the bounds on depth and length.
    fn value(&self, name: &str) -> Result<BodyValue, LoopReason> {
        if let Some((value, _)) = self.memo.borrow().get(name) {
            return Ok(value.clone());
        }
        if self.depth.get() > MAX_DEPTH {
            return Err("its body is nested deeper than a recurrence".into());
        }
        self.depth.set(self.depth.get() + 1);
        let value = self.unknown_value(name);
        self.depth.set(self.depth.get() - 1);
        let value = value?;
        let n_operations = self.n_operations(name);
        if n_operations > MAX_OPERATIONS {
            return Err("its body is longer than a recurrence".into());
        }
        self.memo.borrow_mut().insert(name.into(), (value.clone(), n_operations));
        Ok(value)
    }

    /// How many operations a value is, written out.
    fn n_operations(&self, name: &str) -> usize {
        let memo = self.memo.borrow();
        let of = |name: &String| memo.get(name).map_or(0, |(_, n)| *n);
        1 + self.producers.get(name).map_or(0, |node| node.input.iter().map(of).sum())
    }

    /// What `name` stands for: a constant, a state, or what a node computes.
    fn unknown_value(&self, name: &str) -> Result<BodyValue, LoopReason> {
        if let Some(constant) = (self.constant)(name) {
            return Ok(BodyValue::Constant(Rc::new(constant)));
        }
        if let Some(state) = self.states.get(name) {
            return Ok(BodyValue::Vector(Rc::new(Expression::State(*state))));
        }
        let node = *self
            .producers
            .get(name)
            .ok_or_else(|| format!("its body reads \"{name}\" of the graph around it, which is no constant"))?;
        self.computed(node, name).map_err(|reason| {
            // The innermost node has said where it is.
            let is_placed = reason.what.contains("its body");
            if is_placed { reason } else { format!("node \"{}\" of its body {}", node.name, reason.what).into() }
        })
    }

    /// What an input of a node stands for.
    fn input(&self, node: &NodeProto, slot: usize) -> Result<BodyValue, LoopReason> {
        let name = node.input.get(slot).ok_or("lacks an input")?;
        self.value(name)
    }

    /// What a node computes, by its operator.
    fn computed(&self, node: &NodeProto, name: &str) -> Result<BodyValue, LoopReason> {
        match node.op_type.as_str() {
            "Identity" | "Cast" => self.input(node, 0),
            "Gather" => self.read_row(node),
            "Squeeze" => self.squeeze(node),
            "MatMul" => self.product(node, false),
            "Gemm" => self.gemm(node),
            "Add" => add(self.input(node, 0)?, self.input(node, 1)?),
            "Not" => match self.input(node, 0)? {
                BodyValue::Vector(x) if *x == Expression::Mask => Ok(vector(Expression::OneMinus(x))),
                _ => Err("is a Not of something else than a mask".into()),
            },
            "Where" => select(&self.input(node, 0)?, self.input(node, 1)?, &self.input(node, 2)?),
            "Sub" => one_minus(&self.input(node, 0)?, self.input(node, 1)?),
            "Mul" => multiply(self.input(node, 0)?, self.input(node, 1)?),
            "Split" => self.split(node, name),
            "Slice" => self.slice(node),
            "Clip" => self.clip(node),
            _ => self.function(node),
        }
    }

    /// A row of a sequence that lies outside the loop: that of the values, or that of the mask. Each is one sequence.
    fn read_row(&self, node: &NodeProto) -> Result<BodyValue, LoopReason> {
        let [data, index] = &node.input[..] else { return Err("lacks an input".into()) };
        if integer(node, "axis").unwrap_or(0) != 0 {
            return Err("reads along another axis than time".into());
        }
        if self.producers.contains_key(data.as_str()) || (self.constant)(data).is_some() {
            return Err("reads a row of something else than a sequence from outside".into());
        }
        let is_mask = self.masks.contains(data);
        let mut reads = self.reads.borrow_mut();
        let mut alike = reads.iter().filter(|read| read.is_mask == is_mask);
        if let Some(Read { sequence: other, .. }) = alike.find(|read| read.sequence != *data) {
            return Err(LoopReason {
                what: format!("its body reads rows of two sequences, \"{other}\" and \"{data}\""),
                advice: Some(
                    "Where a Masking layer is the cause, build the same model without it, load the same weights, and export that; on records without masked steps it computes the same",
                ),
            });
        }
        reads.push(Read { sequence: data.clone(), index: index.clone(), is_mask });
        Ok(vector(if is_mask { Expression::Mask } else { Expression::Row }))
    }

    /// A Squeeze. Batches of one: what is left of a vector are its columns, and it is added row by row all the same.
    fn squeeze(&self, node: &NodeProto) -> Result<BodyValue, LoopReason> {
        let BodyValue::Constant(constant) = self.input(node, 0)? else { return self.input(node, 0) };
        let axes = self.integers(node, 1, "axes")?.unwrap_or_default();
        let axes = axes.iter().map(|axis| axis_of(*axis, constant.shape.len())).collect::<Result<Vec<_>, _>>()?;
        Ok(BodyValue::Constant(Rc::new(constant.squeeze(&axes))))
    }

    /// `x w`, with a constant w `[n_inputs, n_columns]`, or its transpose.
    fn product(&self, node: &NodeProto, transposed: bool) -> Result<BodyValue, LoopReason> {
        let (BodyValue::Vector(x), BodyValue::Constant(w)) = (self.input(node, 0)?, self.input(node, 1)?) else {
            return Err("multiplies by a matrix that is not constant".into());
        };
        let matrix = Matrix::of(&w).ok_or("multiplies by something that is no matrix")?;
        let matrix = if transposed { matrix.transposed() } else { matrix };
        Ok(sum(AffineSum { terms: vec![(x, matrix)], ..AffineSum::default() }))
    }

    /// `x w + c`, without factors; w may be transposed.
    fn gemm(&self, node: &NodeProto) -> Result<BodyValue, LoopReason> {
        let factor = |name: &str| node.attribute.iter().find(|a| a.name == name).map_or(1.0, |a| a.f);
        if factor("alpha") != 1.0 || factor("beta") != 1.0 || integer(node, "transA").unwrap_or(0) != 0 {
            return Err("scales or transposes".into());
        }
        let product = self.product(node, integer(node, "transB").unwrap_or(0) != 0)?;
        if node.input.get(2).is_none_or(String::is_empty) { Ok(product) } else { add(product, self.input(node, 2)?) }
    }

    /// The part of a Split that is called `name`: the columns of one gate among those of several.
    fn split(&self, node: &NodeProto, name: &str) -> Result<BodyValue, LoopReason> {
        let value = self.input(node, 0)?;
        let axis = integer(node, "axis").unwrap_or(0);
        let len = len_along(&value, axis)?;
        let n = node.output.len();
        let sizes = match self.integers(node, 1, "split")? {
            Some(sizes) => sizes.iter().map(|size| usize::try_from(*size).ok()).collect::<Option<Vec<_>>>(),
            None => len.is_multiple_of(n).then(|| vec![len / n; n]),
        };
        let sizes = sizes.filter(|sizes| sizes.len() == n && sizes.iter().sum::<usize>() == len);
        let sizes = sizes.ok_or("splits into parts that do not fit")?;
        let index = node.output.iter().position(|output| output == name).ok_or("lacks an output")?;
        let start: usize = sizes[..index].iter().sum();
        cut(&value, axis, start, start + sizes[index])
    }

    /// A Slice of columns, without steps; along the first axis, the batch, it takes the one row that there is.
    fn slice(&self, node: &NodeProto) -> Result<BodyValue, LoopReason> {
        let mut value = self.input(node, 0)?;
        let starts = self.integers(node, 1, "starts")?.ok_or("lacks its starts")?;
        let ends = self.integers(node, 2, "ends")?.ok_or("lacks its ends")?;
        let axes = self.integers(node, 3, "axes")?.unwrap_or_else(|| (0..signed(starts.len())).collect());
        let steps = self.integers(node, 4, "steps")?.unwrap_or_else(|| vec![1; starts.len()]);
        if [ends.len(), axes.len(), steps.len()] != [starts.len(); 3] || steps.iter().any(|step| *step != 1) {
            return Err("takes a slice with steps".into());
        }
        for ((start, end), axis) in starts.iter().zip(&ends).zip(&axes) {
            if matches!(value, BodyValue::Vector(_)) && *axis == 0 && *start == 0 && *end >= 1 {
                // The batch, of which there is one.
                continue;
            }
            let len = len_along(&value, *axis)?;
            let at = |bound: i64| to_index((if bound < 0 { bound + signed(len) } else { bound }).clamp(0, signed(len)));
            let (start, end) = (at(*start), at(*end));
            value = cut(&value, *axis, start, end.max(start))?;
        }
        Ok(value)
    }

    /// `min(max(x, 0), limit)`, as hard sigmoids are made of. What was scaled before is part of it.
    fn clip(&self, node: &NodeProto) -> Result<BodyValue, LoopReason> {
        let BodyValue::Vector(x) = self.input(node, 0)? else { return Err("clips a constant".into()) };
        let bound = |slot: usize| match self.input(node, slot) {
            Ok(BodyValue::Constant(constant)) => constant.scalar(),
            _ => None,
        };
        let (Some(0.0), Some(limit)) = (bound(1), bound(2)) else { return Err("clips elsewhere than at 0".into()) };
        let (x, scale, offset) = match &*x {
            Expression::Scaled(x, scale, offset) => (x.clone(), *scale, *offset),
            _ => (x, 1.0, 0.0),
        };
        Ok(hard_sigmoid(&x, scale, offset, single(limit), 1.0))
    }

    /// An activation, with ONNX's parameters.
    fn function(&self, node: &NodeProto) -> Result<BodyValue, LoopReason> {
        let attribute = |name: &str| node.attribute.iter().find(|a| a.name == name).map(|a| a.f);
        let alpha = match node.op_type.as_str() {
            "ThresholdedRelu" => Some(attribute("alpha").unwrap_or(1.0)),
            _ => attribute("alpha"),
        };
        let unknown = || format!("is a {}, which is no part of an LSTM, GRU or plain recurrent cell", node.op_type);
        // ONNX has operators of the names of all activations but these.
        let known = !matches!(node.op_type.as_str(), "Affine" | "ScaledTanh");
        let function = Activation::from_onnx(&node.op_type, alpha, attribute("beta")).filter(|_| known);
        let function = function.ok_or_else(unknown)?;
        let BodyValue::Vector(x) = self.input(node, 0)? else { return Err("is a function of a constant".into()) };
        Ok(vector(Expression::Function(function, x)))
    }

    /// A list of whole numbers, from an input or, in older versions of the operator, from an attribute.
    fn integers(&self, node: &NodeProto, slot: usize, name: &str) -> Result<Option<Vec<i64>>, LoopReason> {
        if let Some(attribute) = node.attribute.iter().find(|attribute| attribute.name == name) {
            return Ok(Some(attribute.ints.clone()));
        }
        if node.input.get(slot).is_none_or(String::is_empty) {
            return Ok(None);
        }
        match self.input(node, slot)? {
            BodyValue::Constant(constant) => Ok(Some(constant.integers())),
            BodyValue::Vector(_) => Err(format!("computes its {name}").into()),
        }
    }
}

/// A whole number that an attribute holds.
fn integer(node: &NodeProto, name: &str) -> Option<i64> {
    node.attribute.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.i)
}

/// An expression as what a name stands for.
fn vector(expression: Expression) -> BodyValue {
    BodyValue::Vector(Rc::new(expression))
}

/// A sum as what a name stands for.
fn sum(sum: AffineSum) -> BodyValue {
    vector(Expression::Sum(sum))
}

/// An axis from the start, of `rank`.
fn axis_of(axis: i64, rank: usize) -> Result<usize, LoopReason> {
    let axis = if axis < 0 { axis + signed(rank) } else { axis };
    usize::try_from(axis).ok().filter(|axis| *axis < rank).ok_or_else(|| "names an axis that is not there".into())
}

/// The length of a value along an axis: of a constant any, of a vector that of its columns, where a product says how
/// many.
fn len_along(value: &BodyValue, axis: i64) -> Result<usize, LoopReason> {
    match value {
        BodyValue::Constant(constant) => Ok(constant.shape[axis_of(axis, constant.shape.len())?]),
        BodyValue::Vector(vector) => match &**vector {
            Expression::Sum(sum) if axis_of(axis, 2)? == 1 => {
                sum.width().ok_or_else(|| "divides something of unknown length".into())
            }
            _ => Err("divides something else than a matrix product".into()),
        },
    }
}

/// `start..end` along an axis that [`len_along`] has measured.
fn cut(value: &BodyValue, axis: i64, start: usize, end: usize) -> Result<BodyValue, LoopReason> {
    match value {
        BodyValue::Constant(constant) => {
            let axis = axis_of(axis, constant.shape.len())?;
            Ok(BodyValue::Constant(Rc::new(constant.slice(axis, start, end))))
        }
        BodyValue::Vector(vector) => match &**vector {
            Expression::Sum(whole) => {
                whole.columns(start, end).map(sum).ok_or_else(|| "divides a sum of products".into())
            }
            _ => Err("divides something else than a matrix product".into()),
        },
    }
}

/// `a + b`, of which one may be a constant: a bias, one number, or the zeros that Keras adds to masked values.
fn add(a: BodyValue, b: BodyValue) -> Result<BodyValue, LoopReason> {
    let (x, c) = match (a, b) {
        (BodyValue::Vector(a), BodyValue::Vector(b)) => return add_vectors(&a, &b),
        (BodyValue::Vector(x), BodyValue::Constant(c)) | (BodyValue::Constant(c), BodyValue::Vector(x)) => (x, c),
        (BodyValue::Constant(_), BodyValue::Constant(_)) => return Err("adds constants".into()),
    };
    if let (Some(new), true) = (read_only(&x), is_zero(&c)) {
        return Ok(vector(Expression::Select(new, None)));
    }
    if c.shape.is_empty() {
        let offset = single(c.data[0]);
        return Ok(vector(match &*x {
            Expression::Scaled(x, scale, other) => Expression::Scaled(x.clone(), *scale, other + offset),
            _ => Expression::Scaled(x, 1.0, offset),
        }));
    }
    if c.shape.last() != Some(&c.data.len()) {
        return Err("adds a constant that is no bias".into());
    }
    let total = AffineSum::of(&x).plus_bias(&c.singles()).ok_or("adds a bias of another length")?;
    Ok(sum(total))
}

/// `a + b`. A hard sigmoid's offset may have been added to either before.
fn add_vectors(a: &Rc<Expression>, b: &Rc<Expression>) -> Result<BodyValue, LoopReason> {
    let at_masked = |x: &Rc<Expression>| match &**x {
        Expression::Product(a, b) => factor(a, b, &Expression::OneMinus(Rc::new(Expression::Mask))),
        _ => None,
    };
    for (a, b) in [(a, b), (b, a)] {
        if let (Some(new), Some(old)) = (read_only(a), at_masked(b)) {
            return Ok(vector(Expression::Select(new, Some(old))));
        }
    }
    let apart = |x: &Rc<Expression>| match &**x {
        Expression::Scaled(x, 1.0, offset) => (x.clone(), *offset),
        _ => (x.clone(), 0.0),
    };
    let ((a, a_offset), (b, b_offset)) = (apart(a), apart(b));
    let total = AffineSum::of(&a).plus(AffineSum::of(&b)).ok_or("adds vectors of different lengths")?;
    let offset = a_offset + b_offset;
    if offset == 0.0 {
        return Ok(sum(total));
    }
    Ok(vector(Expression::Scaled(Rc::new(Expression::Sum(total)), 1.0, offset)))
}

/// `mask * new`: new.
fn read_only(x: &Rc<Expression>) -> Option<Rc<Expression>> {
    match &**x {
        Expression::Product(a, b) => factor(a, b, &Expression::Mask),
        _ => None,
    }
}

/// The factor beside `known`.
fn factor(a: &Rc<Expression>, b: &Rc<Expression>, known: &Expression) -> Option<Rc<Expression>> {
    if **a == *known {
        return Some(b.clone());
    }
    (**b == *known).then(|| a.clone())
}

/// Whether all of a constant's numbers are zero.
fn is_zero(constant: &Constant) -> bool {
    constant.data.iter().all(|x| *x == 0.0)
}

/// `mask ? new : old`
fn select(mask: &BodyValue, new: BodyValue, old: &BodyValue) -> Result<BodyValue, LoopReason> {
    let (BodyValue::Vector(mask), BodyValue::Vector(new)) = (mask, new) else {
        return Err("chooses between constants".into());
    };
    if **mask != Expression::Mask {
        return Err("chooses by something else than a mask".into());
    }
    match old {
        BodyValue::Vector(old) => Ok(vector(Expression::Select(new, Some(old.clone())))),
        BodyValue::Constant(c) if is_zero(c) => Ok(vector(Expression::Select(new, None))),
        BodyValue::Constant(_) => Err("puts a constant in the place of masked steps".into()),
    }
}

/// `1 - x`, the only difference in a recurrence.
fn one_minus(a: &BodyValue, b: BodyValue) -> Result<BodyValue, LoopReason> {
    match (a, b) {
        (BodyValue::Constant(one), BodyValue::Vector(x)) if one.scalar() == Some(1.0) => {
            Ok(vector(Expression::OneMinus(x)))
        }
        _ => Err("subtracts otherwise than from 1".into()),
    }
}

/// `a * b`, of which one may be one number: a scaling, or the end of a hard sigmoid. A mask times zeros is zeros.
fn multiply(a: BodyValue, b: BodyValue) -> Result<BodyValue, LoopReason> {
    let (x, c) = match (a, b) {
        (BodyValue::Vector(a), BodyValue::Vector(b)) => return Ok(vector(Expression::Product(a, b))),
        (BodyValue::Vector(x), BodyValue::Constant(c)) | (BodyValue::Constant(c), BodyValue::Vector(x)) => (x, c),
        (BodyValue::Constant(_), BodyValue::Constant(_)) => return Err("multiplies constants".into()),
    };
    if matches!(&*x, Expression::Mask | Expression::OneMinus(_)) && is_zero(&c) {
        return Ok(BodyValue::Constant(c));
    }
    let factor = single(c.scalar().ok_or("multiplies by constants")?);
    Ok(match &*x {
        Expression::Clipped(x, scale, offset, limit) => hard_sigmoid(x, *scale, *offset, *limit, factor),
        Expression::Scaled(x, scale, offset) => vector(Expression::Scaled(x.clone(), scale * factor, offset * factor)),
        _ => vector(Expression::Scaled(x, factor, 0.0)),
    })
}

/// `min(max(scale * x + offset, 0), limit) * factor`: a hard sigmoid where `limit * factor` is 1, else a clip on the
/// way to one.
fn hard_sigmoid(x: &Rc<Expression>, scale: f32, offset: f32, limit: f32, factor: f32) -> BodyValue {
    if (limit * factor - 1.0).abs() < 1e-6 {
        let function = Activation::HardSigmoid { alpha: scale * factor, beta: offset * factor };
        return vector(Expression::Function(function, x.clone()));
    }
    vector(Expression::Clipped(x.clone(), scale * factor, offset * factor, limit * factor))
}
