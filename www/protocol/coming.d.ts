// What the engine of these sources adds to the one that pkg/ was last built of.

import type { ShownValue, Spread, Stay, Model } from "../../pkg/vitrine.js";

declare module "../../pkg/vitrine.js" {
  interface Sureness { data: string; alike: number; ofHundred: number; set?: OutcomeSet }
  interface OutcomeSet { coverage: number; holds: [outcome: boolean, absence: boolean]; missing: number[] }
  interface Doubt { row: number; step: number; contradicts: number[] }
  interface Summary { doubts: Doubt[]; sureness?: Sureness; raisingTogether?: JointFinding; loweringTogether?: JointFinding }
  interface JointFinding { rows: number[]; relevance: number; share: number; without: number }
  interface Inspection { normalRange?: [number, number]; before?: ShownValue }
  interface Trust { followed: number }
  interface Model { readonly networks: number }
  interface Models { asOne(): Model }
  interface Explanation { readonly spread: Spread | undefined }
  export function withoutReading(model: Model, stay: Stay, row: number, step: number, target?: number | null): number | undefined;
}
