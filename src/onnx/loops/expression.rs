//! What one step of a loop computes, in terms of the row that it reads and the states before it.

use std::rc::Rc;

use super::constant::Constant;
use crate::engine::function::activation::Activation;

/// A vector that a step computes.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expression {
    /// The row of the sequence that the step reads.
    Row,
    /// 1 where the step is read, 0 where it is masked.
    Mask,
    /// At a step that is read the first, at a masked one the second, or zero.
    Select(Rc<Self>, Option<Rc<Self>>),
    /// A state before the step, by its number.
    State(usize),
    /// A sum.
    Sum(AffineSum),
    /// A function of each element.
    Function(Activation, Rc<Self>),
    /// Element by element.
    Product(Rc<Self>, Rc<Self>),
    /// `1 - x`
    OneMinus(Rc<Self>),
    /// `scale * x + offset`, on the way to a hard sigmoid.
    Scaled(Rc<Self>, f32, f32),
    /// `min(max(scale * x + offset, 0), limit)`, in this order, on the way to a hard sigmoid.
    Clipped(Rc<Self>, f32, f32, f32),
}

/// `sum of x w  +  sum of others  +  bias`
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct AffineSum {
    /// Vectors, each with its matrix of constant weights.
    pub(super) terms: Vec<(Rc<Expression>, Matrix)>,
    /// Vectors that are added as they are.
    pub(super) others: Vec<Rc<Expression>>,
    /// A number a column; empty where there is none.
    pub(super) bias: Vec<f32>,
}

/// Constant weights, `[n_rows, n_columns]`: a row an input.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Matrix {
    /// Length of the vector that is multiplied.
    pub(super) n_rows: usize,
    /// Length of the product.
    pub(super) n_columns: usize,
    /// Row by row.
    pub(super) data: Vec<f32>,
}

impl Matrix {
    /// A constant with two axes.
    pub(super) fn of(constant: &Constant) -> Option<Self> {
        let [n_rows, n_columns] = constant.shape[..] else { return None };
        Some(Self { n_rows, n_columns, data: constant.singles() })
    }

    /// `[n_columns, n_rows]`, as ONNX's recurrent nodes have their weights.
    pub(super) fn transposed(&self) -> Self {
        let data = (0..self.n_columns).flat_map(|k| self.data.iter().skip(k).step_by(self.n_columns)).copied();
        Self { n_rows: self.n_columns, n_columns: self.n_rows, data: data.collect() }
    }

    /// The columns from `start` up to `end`, in all rows.
    fn columns(&self, start: usize, end: usize) -> Self {
        let data = self.data.chunks_exact(self.n_columns.max(1)).flat_map(|row| &row[start..end]).copied().collect();
        Self { n_rows: self.n_rows, n_columns: end - start, data }
    }
}

impl AffineSum {
    /// `expression` as a sum, of one term where it is none.
    pub(super) fn of(expression: &Rc<Expression>) -> Self {
        match &**expression {
            Expression::Sum(sum) => sum.clone(),
            _ => Self { others: vec![expression.clone()], ..Self::default() },
        }
    }

    /// The sum of both; `None` where the two differ in length.
    pub(super) fn plus(mut self, other: Self) -> Option<Self> {
        if let (Some(a), Some(b)) = (self.width(), other.width())
            && a != b
        {
            return None;
        }
        self.terms.extend(other.terms);
        self.others.extend(other.others);
        self.plus_bias(&other.bias)
    }

    /// With a bias more; `None` where it is not as long as the sum.
    pub(super) fn plus_bias(mut self, bias: &[f32]) -> Option<Self> {
        if self.bias.is_empty() {
            self.bias = bias.to_vec();
        } else if !bias.is_empty() {
            if bias.len() != self.bias.len() {
                return None;
            }
            self.bias.iter_mut().zip(bias).for_each(|(a, b)| *a += b);
        }
        let width = self.width();
        (self.bias.is_empty() || width.is_none_or(|width| width == self.bias.len())).then_some(self)
    }

    /// Number of columns, where its terms say it.
    pub(super) fn width(&self) -> Option<usize> {
        let bias = (!self.bias.is_empty()).then_some(self.bias.len());
        self.terms.first().map(|(_, matrix)| matrix.n_columns).or(bias)
    }

    /// Some of its columns; `None` where it has terms without weights, whose columns are not known apart.
    pub(super) fn columns(&self, start: usize, end: usize) -> Option<Self> {
        let cut = |(x, matrix): &(Rc<Expression>, Matrix)| (x.clone(), matrix.columns(start, end));
        let bias = if self.bias.is_empty() { vec![] } else { self.bias[start..end].to_vec() };
        let terms = self.terms.iter().map(cut).collect();
        self.others.is_empty().then_some(Self { terms, others: vec![], bias })
    }
}
