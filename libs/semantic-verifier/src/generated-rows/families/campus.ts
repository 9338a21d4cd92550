import { defineFamily, type Family } from '../family';
import type { Picker } from '../picker';
import { courseDepartments, courseSubjects } from '../words/contexts';
import { surnames } from '../words/people';

function terms(pick: Picker): [string, string] {
  const years = pick.some([2019, 2020, 2021, 2022, 2023, 2024, 2025], 2);
  const names = pick.some(['spring', 'fall', 'winter', 'summer'], 2);
  return pick.chance(0.5)
    ? [names[0] as string, names[1] as string]
    : [`${names[0]} ${years[0]}`, `${names[0]} ${years[1]}`];
}

function twoCourses(pick: Picker): [string, string] {
  if (pick.chance(0.4)) return pick.some(courseSubjects, 2) as [string, string];
  const department = pick.one(courseDepartments);
  const number = pick.whole(100, 590);
  return [`${department} ${number}`, `${department} ${number + pick.whole(1, 9)}`];
}

/** "Professor" in the forms that students write. */
const professor = '[Professor|Prof.|Prof|Dr.]';

const teaches = defineFamily(
  'gen-campus-teacher',
  (pick) => {
    const [k, k2] = twoCourses(pick);
    const [t, t2] = terms(pick);
    const [p, p2] = pick.some(surnames, 2) as [string, string];
    return { k, k2, t, t2, p: `${professor} ${p}`, p2: `${professor} ${p2}` };
  },
  `
Does {p} teach {k}? / Is {k} taught by {p}? / {p} teaches {k}, right? / Is {p} the one who teaches {k}? / {isTrue} {p} teaches {k}?
Does {p2} teach {k}? / Is {k} taught by {p2}? / Is {p2} the one who teaches {k}? / {isTrue} {p2} teaches {k}?
Does {p} teach {k2}? / Is {k2} taught by {p}? / Is {p} the one who teaches {k2}? / {isTrue} {p} teaches {k2}?
Has {p} ever taught {k}? / Was {k} ever taught by {p}? / Did {p} teach {k} in the past?
Who besides {p} teaches {k}? / Does anyone other than {p} teach {k}? / Is there anyone but {p} who teaches {k}?

Which courses does {p} teach? / What classes are taught by {p}? / What does {p} teach? / List the courses of {p}. / {p} classes?
Which courses does {p2} teach? / What classes are taught by {p2}? / What does {p2} teach? / List the courses of {p2}. / {p2} classes?
Which courses does {p} teach in {t}? / What classes are taught by {p} in {t}? / What does {p} teach in {t}? / {p} classes {t}?
Which courses does {p} teach in {t2}? / What classes are taught by {p} in {t2}? / What does {p} teach in {t2}? / {p} classes {t2}?
How many courses does {p} teach? / What number of classes does {p} teach? / How many classes are taught by {p}?
Which of {p}'s courses is the easiest? / What is the easiest class that {p} teaches? / Of the courses of {p}, which is easiest?

Who is teaching {k} in {t}? / Who will teach {k} in {t}? / Which instructor has {k} in {t}? / {k} {t} instructor? / In {t}, who teaches {k}?
Who is teaching {k} in {t2}? / Who will teach {k} in {t2}? / Which instructor has {k} in {t2}? / {k} {t2} instructor?
Who is teaching {k2} in {t}? / Who will teach {k2} in {t}? / Which instructor has {k2} in {t}? / {k2} {t} instructor?
When is {k} taught in {t}? / At what times does {k} meet in {t}? / {k} {t} schedule? / What is the schedule of {k} in {t}?
Is {k} offered in {t}? / Can I take {k} in {t}? / Will {k} be available in {t}? / Do they offer {k} in {t}?
Is {k} offered in {t2}? / Can I take {k} in {t2}? / Will {k} be available in {t2}? / Do they offer {k} in {t2}?`,
);

const listing = defineFamily(
  'gen-campus-listing',
  (pick) => {
    const [d, d2] = pick.some(courseDepartments, 2) as [string, string];
    const [t, t2] = terms(pick);
    const [n, m] = pick.some([100, 200, 300, 400, 500], 2) as [number, number];
    const [s, s2] = pick.some(courseSubjects, 2) as [string, string];
    return { d, d2, t, t2, n: `${n}`, m: `${m}`, s, s2 };
  },
  `
Which {n}-level {d} courses are offered in {t}? / What {n}-level classes does {d} offer in {t}? / List the {n}-level {d} classes in {t}. / In {t}, which {d} classes are at the {n} level? / Show me {n}-level {d} courses for {t}.
Which {m}-level {d} courses are offered in {t}? / What {m}-level classes does {d} offer in {t}? / List the {m}-level {d} classes in {t}. / Show me {m}-level {d} courses for {t}.
Which {n}-level {d2} courses are offered in {t}? / What {n}-level classes does {d2} offer in {t}? / List the {n}-level {d2} classes in {t}. / Show me {n}-level {d2} courses for {t}.
Which {n}-level {d} courses are offered in {t2}? / What {n}-level classes does {d} offer in {t2}? / List the {n}-level {d} classes in {t2}. / Show me {n}-level {d} courses for {t2}.
How many {n}-level {d} courses are offered in {t}? / What number of {n}-level classes does {d} offer in {t}? / Count the {n}-level {d} classes in {t}.

What is the easiest {d} course? / Which {d} class is the easiest? / Easiest class in {d}? / Which course in {d} takes the least work?
What is the hardest {d} course? / Which {d} class is the hardest? / Hardest class in {d}? / Which is the most difficult {d} course?
What is the easiest {d2} course? / Which {d2} class is the easiest? / Easiest class in {d2}? / Which course in {d2} takes the least work?
What is the biggest {d} course? / Which {d} class is the biggest? / Biggest class in {d}? / Which {d} course has the most students?
Which {d} courses are required? / What are the required {d} courses? / Which {d} classes are mandatory? / Required classes in {d}?
Which {d} courses are electives? / What are the elective {d} courses? / Which {d} classes are optional? / Electives in {d}?

Are there any courses about {s}? / Which courses cover {s}? / Is {s} covered in any class? / Is there a class on {s}?
Are there any courses about {s2}? / Which courses cover {s2}? / Is {s2} covered in any class? / Is there a class on {s2}?
Are there any courses about {s} without an exam? / Which courses on {s} have no exam? / Is there a class on {s} that has no exam?
Are there any courses about {s} with a lab? / Which courses on {s} have a lab? / Is there a class on {s} that has a lab?`,
);

const needs = defineFamily(
  'gen-campus-requirement',
  (pick) => {
    const [k, k2] = twoCourses(pick);
    const [t] = terms(pick);
    return { k, k2, t };
  },
  `
What are the prerequisites [for|of] {k}? / Which classes do I need before taking {k}? / What must I have taken before {k}? / What do I have to take prior to {k}? / {k} prereqs? / Does {k} have any prerequisites, and which?
What are the prerequisites [for|of] {k2}? / Which classes do I need before taking {k2}? / What must I have taken before {k2}? / What do I have to take prior to {k2}? / {k2} prereqs?
For which classes is {k} a prerequisite? / Which courses need {k}? / Which classes can I take once I have {k}? / What does {k} open up?
How can I get the prerequisites of {k} waived? / Is there a way around the prerequisites of {k}? / Can I take {k} without its prerequisites?
Do I need {k} to graduate? / Is {k} required for graduation? / Can I graduate without {k}? / Is {k} needed for the degree?
Do I need {k2} to graduate? / Is {k2} required for graduation? / Can I graduate without {k2}? / Is {k2} needed for the degree?
Can I take {k} after graduation? / Is it possible to take {k} after I graduate? / Once I have graduated, can I take {k}?

Is {k} a lot of work? / Is the workload of {k} heavy? / Does {k} take much time? / How heavy is the workload in {k}? / Is {k} time-consuming?
Is {k2} a lot of work? / Is the workload of {k2} heavy? / Does {k2} take much time? / How heavy is the workload in {k2}? / Is {k2} time-consuming?
Is {k} useful for a job? / Does {k} help me to get a job? / Will {k} help my career? / Is taking {k} good for my career?
Does {k} have a final exam? / Is there a final in {k}? / {k}: final exam or not? / Will I have to take a final in {k}?
Does {k} have a lab? / Is there a lab in {k}? / {k}: lab or not? / Is {k} a class with a lab?
Does {k} have a project? / Is there a project in {k}? / {k}: project or not? / Will I have to do a project in {k}?
How many credits is {k}? / What is the number of credits of {k}? / How many credits does {k} give? / {k} credit hours?
Is {k} full? / Are there any seats left in {k}? / Is there still room in {k}? / Can I still get into {k}?
Should I take {k} and {k2} together? / Should I take {k2} and {k} together? / Is it wise to take {k} along with {k2}? / Is it a good idea to have {k2} and {k} in one term?
Should I take {k} or {k2}? / Should I take {k2} or {k}? / Which is the better choice, {k} or {k2}? / {k2} or {k}: which one should I take?`,
);

export const campusFamilies: readonly Family[] = [teaches, listing, needs];
