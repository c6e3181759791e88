// How easily a passphrase is guessed. One function: pages take nothing else of the package.
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";
import { vietnamese } from "./vietnamese.js";

const judge = new ZxcvbnFactory({ graphs: adjacencyGraphs, dictionary: { ...dictionary, vietnamese } });

/** `strength(passphrase, userInputs) -> {score: 0..4, guessesLog10}`; `userInputs` are words that the writer's enemies know. */
export function strength(passphrase, userInputs = []) {
  const { score, guessesLog10 } = judge.check(passphrase, userInputs.map(String));
  return { score, guessesLog10 };
}
