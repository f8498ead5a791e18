// The demo network, rebuilt in the layers of TensorFlow.js from the weights of its ONNX file: an LSTM in both directions
// over the columns of each channel, one LSTM over all of their outputs, one sigmoid unit.

import { readOnnx } from "./onnx.mjs";

/**
 * @param {Uint8Array} file a channel-wise network as the demo's exporter writes it
 * @returns {{ channels: { columns: number[], lstm: Lstm }[], top: Lstm, dense: { w: Float32Array, bias: Float32Array } }}
 *   the channels in the order in which the top layer reads them
 */
export function readNetwork(file) {
  const { nodes, tensors } = readOnnx(file);
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((name) => [name, node])));
  const above = (/** @type {string} */ name, /** @type {string} */ operator) => {
    let node = makers.get(name);
    while (node && node.operator !== operator) node = makers.get(node.inputs[0]);
    if (!node) throw new Error(`the network is not channel-wise: no ${operator} above "${name}"`);
    return node;
  };
  const weights = (/** @type {string} */ name) => {
    const tensor = tensors.get(name);
    if (!tensor) throw new Error(`the network is not channel-wise: "${name}" holds no weights`);
    return tensor;
  };
  const lstm = (/** @type {{ inputs: string[] }} */ { inputs: [, w, r, b] }) => ({
    w: weights(w),
    r: weights(r),
    b: weights(b).numbers,
  });
  const join = nodes.find(({ operator }) => operator === "Concat");
  const gemm = nodes.find(({ operator }) => operator === "Gemm");
  if (!join || !gemm) throw new Error("the network is not channel-wise: no Concat, or no Gemm");
  // Two outputs a channel follow each other, the forward one first.
  const channels = join.inputs
    .filter((_, index) => index % 2 === 0)
    .map((name) => {
      const node = above(name, "LSTM");
      return { columns: [...weights(above(node.inputs[0], "Gather").inputs[1]).numbers], lstm: lstm(node) };
    });
  const [, w, bias] = gemm.inputs;
  return {
    channels,
    top: lstm(above(gemm.inputs[0], "LSTM")),
    dense: { w: weights(w).numbers, bias: weights(bias).numbers },
  };
}

/** @typedef {{ w: { dims: number[], numbers: Float32Array }, r: { dims: number[], numbers: Float32Array }, b: Float32Array }} Lstm */

/** The weights are set afterwards; the usual first ones need operations that this backend has not. */
const CELL = {
  recurrentActivation: "sigmoid",
  kernelInitializer: "zeros",
  recurrentInitializer: "zeros",
  unitForgetBias: false,
};

/** ONNX lists the gates as i, o, f, c; Keras as i, f, c, o. */
const IOFC_TO_IFCO = [0, 2, 3, 1];

/**
 * Kernel `[inputs, 4 * units]`, recurrent kernel `[units, 4 * units]` and bias of one direction, as Keras orders them.
 * @param {Lstm} lstm @param {number} direction
 */
export function kerasWeights({ w, r, b }, direction) {
  const [, rows, n_inputs] = w.dims;
  const units = rows / 4;
  const across = (/** @type {Float32Array} */ numbers, /** @type {number} */ width) => {
    const kernel = new Float32Array(width * rows);
    for (let gate = 0; gate < 4; gate++) {
      for (let unit = 0; unit < units; unit++) {
        const from = (direction * rows + IOFC_TO_IFCO[gate] * units + unit) * width;
        for (let k = 0; k < width; k++) kernel[k * rows + gate * units + unit] = numbers[from + k];
      }
    }
    return kernel;
  };
  const bias = new Float32Array(rows);
  for (let gate = 0; gate < 4; gate++) {
    for (let unit = 0; unit < units; unit++) {
      const at = direction * 2 * rows + IOFC_TO_IFCO[gate] * units + unit;
      bias[gate * units + unit] = b[at] + b[at + rows];
    }
  }
  return { units, n_inputs, kernel: across(w.numbers, n_inputs), recurrent: across(r.numbers, units), bias };
}

/**
 * @param {any} tf tfjs-core
 * @param {any} layers tfjs-layers
 * @param {Uint8Array} file
 * @param {number} steps
 * @param {number} columns
 * @returns {{ predict: (input: Float32Array) => Promise<Float32Array>, free: () => void }} predict: the probability
 */
export function rebuilt(tf, layers, file, steps, columns) {
  const network = readNetwork(file);
  const inputs = network.channels.map((channel) => layers.input({ shape: [steps, channel.columns.length] }));
  const set = [];
  const outputs = network.channels.map(({ lstm }, index) => {
    const both = [0, 1].map((direction) => kerasWeights(lstm, direction));
    const layer = layers.layers.lstm({ ...CELL, units: both[0].units, returnSequences: true });
    const bidirectional = layers.layers.bidirectional({ layer, mergeMode: "concat" });
    set.push([bidirectional, both]);
    return bidirectional.apply(inputs[index]);
  });
  const top = layers.layers.lstm({ ...CELL, units: network.top.r.dims[2] });
  set.push([top, [kerasWeights(network.top, 0)]]);
  const dense = layers.layers.dense({ units: 1, activation: "sigmoid" });
  const output = dense.apply(top.apply(layers.layers.concatenate().apply(outputs)));
  const model = layers.model({ inputs, outputs: output });
  tf.tidy(() => {
    for (const [layer, parts] of set) {
      layer.setWeights(
        parts.flatMap(({ units, n_inputs, kernel, recurrent, bias }) => [
          tf.tensor2d(kernel, [n_inputs, 4 * units]),
          tf.tensor2d(recurrent, [units, 4 * units]),
          tf.tensor1d(bias),
        ]),
      );
    }
    dense.setWeights([tf.tensor2d(network.dense.w, [network.dense.w.length, 1]), tf.tensor1d(network.dense.bias)]);
  });
  const indices = network.channels.map((channel) => tf.tensor1d(channel.columns, "int32"));
  const predict = async (input) => {
    const result = tf.tidy(() => {
      const stay = tf.tensor3d(input, [1, steps, columns]);
      return model.predict(indices.map((it) => tf.gather(stay, it, 2)));
    });
    const numbers = await result.data();
    result.dispose();
    return numbers;
  };
  const free = () => {
    model.dispose();
    tf.dispose(indices);
  };
  return { predict, free };
}
