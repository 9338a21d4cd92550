import { defineFamily, type Family } from '../family';
import { codeLanguages, codeTasks, fileFormats } from '../words/contexts';

const code = defineFamily(
  'gen-code-task',
  (pick) => {
    const [lang, lang2] = pick.some(codeLanguages, 2) as [string, string];
    const [task, task2] = pick.some(codeTasks, 2) as [string, string];
    const [f, g, h] = pick.some(fileFormats, 3) as [string, string, string];
    return { lang, lang2, task, task2, f, g, h };
  },
  `
{how} {task} in {lang}? / How to {task} with {lang}? / In {lang}, how do I {task}? / {lang}: {task} / Write {lang} code to {task}.
{how} {task} in {lang2}? / How to {task} with {lang2}? / In {lang2}, how do I {task}? / {lang2}: {task} / Write {lang2} code to {task}.
{how} {task2} in {lang}? / How to {task2} with {lang}? / In {lang}, how do I {task2}? / {lang}: {task2}
Why can't I {task} in {lang}? / Why is it not possible to {task} in {lang}?

{how} convert a(n) {f} file to {g}? / {f} to {g} converter? / {how} turn a(n) {f} file into {g}? / How to get {g} from a(n) {f} file?
{how} convert a(n) {g} file to {f}? / {g} to {f} converter? / {how} turn a(n) {g} file into {f}? / How to get {f} from a(n) {g} file?
{how} convert a(n) {f} file to {h}? / {f} to {h} converter? / {how} turn a(n) {f} file into {h}?
Is a(n) {f} file smaller than a(n) {g} file? / Is a(n) {g} file larger than a(n) {f} file?`,
);

export const codeFamilies: readonly Family[] = [code];
