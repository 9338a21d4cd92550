import { listOf, tableOf } from './lists';

/** A word, a true synonym in this context, a word that says something else there, and the context with `_` for the word. */
export const synonymContexts = tableOf(`
buy | purchase | rent | {how} _ a flat in {city}?
film | movie | series | What is the best {people} _ of all time?
film | movie | book | Which _ should I give {name} for a birthday?
kids | children | parents | Where can _ meet each other in {city}?
kids | children | pets | Are _ allowed in the {city} museum?
car | automobile | motorbike | Where can I rent a(n) _ in {city}?
doctor | physician | dentist | How much does a(n) _ earn in {country}?
lawyer | attorney | judge | How much does a(n) _ earn in {country}?
cheap | inexpensive | quiet | Where can I find _ hotels in {city}?
quick | fast | healthy | What is a _ way to cook {food}?
begin | start | stop | {how} _ to study {skill}?
huge | enormous | tiny | Why are the buildings in {city} so _?
smart | intelligent | rich | Is {name} as _ as people say?
job | occupation | hobby | What is the _ of {name}?
trip | journey | visa | How much does a _ to {country} cost?
photos | pictures | videos | {how} take better _ of {food}?
repair | fix | sell | {how} _ an old {thing}?
delete | erase | restore | {how} _ everything on an old {thing}?
choose | select | build | {how} _ a good {thing}?
improve | better | test | {how} _ my knowledge of {skill}?
answer | reply | question | Why did {name} give no _?
weird | strange | expensive | Why is the {food} dish of my neighbour so _?
famous | well-known | wealthy | Who is the most _ {people} writer?
rich | wealthy | famous | {how} become _ in {country}?
mistakes | errors | jokes | What are common _ when people speak {skill}?
advice | tips | stories | Does anyone have _ about living in {city}?
hard | difficult | cheap | Is it _ to learn {skill}?
hard | difficult | useful | Why is {skill} so _?
sick | ill | bored | What should I do when {name} is _?
autumn | fall | spring | What can I do in {city} in _?
holiday | vacation | school year | How long is the summer _ in {country}?
shop | store | factory | Is there a _ for {food} in {city}?
rubbish | garbage | snow | Who collects the _ in {city}?
flat | apartment | office | How much does a small _ in {city} cost?
subway | underground | bus | Is the _ in {city} safe at night?
mobile phone | cell phone | landline | Do I need a _ in {country}?
taxi | cab | bicycle | What does a _ from {city} airport cost?
soccer | association football | rugby | When did people in {country} begin to play _?
salary | pay | workload | Why is the _ of {jobs} in {country} so low?
happy | glad | surprised | Was {name} _ to move to {city}?
sad | unhappy | late | Why was {name} so _ yesterday?
scared | afraid | proud | Why is {name} so _ of the {animal}?
angry | furious | happy | What made {name} so _?
helps | assists | pays | Who _ {name} with {skill}?
needs | requires | produces | What _ more water, {food} or rice?
permit | allow | forbid | Does the law of {country} _ homework on Sundays?
forbidden | prohibited | compulsory | Is it _ to feed the {animals} in {city}?
vital | essential | harmful | Why is {food} _ for {animals}?
buy | purchase | sell | Where can I _ a used {thing} in {city}?
finish | complete | start | When will {name} _ the course in {skill}?
show | demonstrate | hide | Can {name} _ that the {thing} works?
broken | out of order | sold | Why is the {thing} in {city} station _?
wide | broad | long | Why is the river in {city} so _?
road | street | house | Who owns the longest _ in {city}?
elderly | old | rich | Why do so many _ people live in {city}?
nearest | closest | largest | What is the _ airport to {city}?
yearly | annual | monthly | What is the _ rent of a shop in {city}?
possible | feasible | dangerous | Is it _ to walk from {city} to the sea?
fatal | deadly | healthy | Can too much {food} be _ for {animals}?
keep | retain | lose | {how} _ customers of a {food} shop?
tired | weary | hungry | Why do I feel so _ after eating {food}?
hire | employ | fire | When is it a good time to _ a(n) {job}?
`);

/** Abbreviation and what it stands for. */
export const abbreviations = tableOf(`
AI | artificial intelligence
ML | machine learning
VR | virtual reality
AR | augmented reality
NLP | natural language processing
the IoT | the Internet of Things
SEO | search engine optimisation
UX | user experience
UI | user interface
HR | human resources
PR | public relations
R&D | research and development
GDP | gross domestic product
IQ | intelligence quotient
DNA | deoxyribonucleic acid
RNA | ribonucleic acid
CBT | cognitive behavioural therapy
ADHD | attention deficit hyperactivity disorder
OCD | obsessive-compulsive disorder
PTSD | post-traumatic stress disorder
NASA | the National Aeronautics and Space Administration
the WHO | the World Health Organization
the UN | the United Nations
the IMF | the International Monetary Fund
the WTO | the World Trade Organization
NATO | the North Atlantic Treaty Organization
FIFA | the International Federation of Association Football
the CPU | the central processing unit
the GPU | the graphics processing unit
RAM | random access memory
an SSD | a solid-state drive
a DBMS | a database management system
OOP | object-oriented programming
an API | an application programming interface
CI | continuous integration
GPS | the Global Positioning System
a VPN | a virtual private network
the DNS | the domain name system
HTML | hypertext markup language
a LAN | a local area network
B2B | business to business
B2C | business to consumer
VAT | value added tax
an ETF | an exchange-traded fund
an IPO | an initial public offering
ROI | return on investment
P2P | peer to peer
STEM | science, technology, engineering and mathematics
BMI | body mass index
UV light | ultraviolet light
an LED | a light-emitting diode
`);

/** Verb, synonym or the same verb, its undoing, what it is done to. */
export const undoings = tableOf(`
install | set up | uninstall | a printer driver
enable | turn on | disable | dark mode on my phone
block | blacklist | unblock | a caller
lock | lock up | unlock | a bathroom door
hide | conceal | show | a column in a spreadsheet
connect | link | disconnect | a keyboard and a tablet
encrypt | encipher | decrypt | a file on a USB stick
add | insert | remove | a page number in a document
mute | silence | unmute | a group chat
switch on | turn on | switch off | a heater from far away
open | open up | close | an account at a post office
freeze | deep-freeze | thaw | a whole chicken
tighten | fasten | loosen | a bicycle chain
gain | put on | lose | weight during the winter
import | bring in | export | wine
inflate | pump up | deflate | an air mattress
assemble | put together | take apart | a bunk bed
raise | lift | lower | a garden fence
start | boot | shut down | an old laptop
charge | recharge | discharge | a car battery
archive | file away | restore | an old email
accept | say yes to | decline | a job offer
join | become a member of | leave | a trade union
straighten | make straight | curl | my hair
soften | make soft | harden | clay
sharpen | whet | blunt | a pair of scissors
fill | fill up | empty | a fish tank
save | keep | spend | a large bonus
attract | draw | repel | butterflies
compress | shrink | unpack | a folder
heat | warm up | cool | a greenhouse
strengthen | make stronger | weaken | a rope
publish | make public | take down | a web page
pin | fix at the top | unpin | a message
hang | put up | take down | a heavy mirror
`);

/** Things that an answer can be narrowed by; each changes what is asked. */
export const facets = listOf(`
for free, without a teacher, at the age of sixty, at home, with a small budget, while working full time, in winter, on my phone, together with a friend
at night, for a school project, in a small flat, with one hand, after an injury, during pregnancy, before the summer, as a hobby, professionally
without any experience, in a wheelchair, as a teenager, with poor eyesight, on a ship, in a big city, with children around, in a foreign country, without getting bored
for a competition, on weekends only, without money
`);

export const countryAspects = listOf(`
population, capital, currency, area, climate, tax system, school system, flag, national dish, crime rate, minimum wage, history, highest mountain, longest river
national anthem, legal drinking age, unemployment rate, political system, biggest export, most popular sport, time zone, health system, voting age, cost of living, national animal
inflation rate, literacy rate, official language, country code, retirement age, power supply voltage
`);

export const jobAspects = listOf(`
salary, training, duties, working hours, risks, career prospects, daily routine, dress code, stress level, social status, tools, holidays, retirement age, responsibilities, skills, educational background
`);

export const thingAspects = listOf(`
price, weight, warranty, colour, power consumption, lifespan, size, noise level, resale value, carbon footprint, repair cost, design, build quality, energy efficiency
`);

/** Course aspects: as a noun and as a question with `_` for the course, in two wordings. */
export const courseAspects = tableOf(`
prerequisites | What do I need to take before _? | Which courses must I have taken before _?
instructor | Who teaches _? | Who is the teacher of _?
credits | How many credits is _ worth? | How many credits do I get for _?
workload | How much work is _? | How heavy is the workload of _?
exam date | When is the exam in _? | On what date is the exam in _?
room | Where is _ held? | In which room does _ take place?
textbook | Which textbook is used in _? | What is the textbook for _?
grading | How is _ graded? | How does the grading in _ work?
difficulty | How hard is _? | How difficult is _?
labs | Does _ have a lab? | Is there a lab in _?
waiting list | Is there a waiting list for _? | Does _ have a waiting list?
class size | How many students are in _? | How big is the class in _?
average grade | What grade do people get in _ on average? | What is the average grade in _?
start time | At what time does _ begin? | What time does _ start?
syllabus | What topics does _ cover? | Which topics are covered in _?
follow-up courses | Which courses can I take after _? | What can I take after _?
attendance | Is attendance mandatory in _? | Do I have to attend _?
online version | Can I take _ online? | Is _ available online?
`);

export const courseSubjects = listOf(`
Abstract Algebra, Algorithms, Art History, Artificial Intelligence, Astrophysics, Behavioural Economics, Bioinformatics, Calculus, Cell Biology, Combinatorics, Compilers, Computer Graphics
Computer Networks, Constitutional Law, Cryptography, Data Structures, Databases, Differential Equations, Digital Logic, Discrete Mathematics, Distributed Systems, Ethics, Fluid Mechanics
Game Theory, Genetics, Human Anatomy, Immunology, Information Retrieval, Intermediate Logic, International Trade, Labour Economics, Linear Algebra, Machine Learning, Macroeconomics
Materials Science, Medieval History, Microbiology, Microeconomics, Modern Poetry, Music Theory, Number Theory, Numerical Analysis, Operating Systems, Optics, Organic Chemistry
Parallel Computing, Philosophy of Mind, Probability, Quantum Mechanics, Real Analysis, Robotics, Signal Processing, Social Psychology, Software Engineering, Statistics, Thermodynamics, Topology
Urban Planning, Web Development
`);

export const courseDepartments = listOf(
  'AERO, ARTH, ASTR, BIO, CHEM, CIVIL, CS, CMPT, ECON, EE, ENGL, FIN, GEOG, HIST, INFO, LING, MATH, MECH, MUS, PHIL, PHYS, PSYC, ROB, SOC, STAT',
);

/** Things to do in a programming language: base form and gerund. */
export const codeTasks = listOf(`
check whether a file exists, compare two dates, concatenate two lists, connect to a database, convert a string to a number, copy a directory, count the words of a text
create a thread, download a file, draw a histogram, encode a URL, find the largest number of a list, format a date, generate a random number, handle a timeout, iterate over a map
join two strings, list the files of a folder, log to a file, make an HTTP request, measure elapsed time, merge two dictionaries, multiply two matrices, parse JSON, parse an XML file
print without a new line, read a file line by line, read environment variables, remove duplicates from a list, replace all spaces in a string, reverse a string, round a number to two decimals
run a shell command, send an email, serialise an object, shuffle a list, sleep for a second, sort a list of numbers in descending order, sort a list of strings, split a string at commas
start a web server, sum the numbers of a list, swap two variables, throw an exception, trim white space, truncate a file, write a CSV file, write a unit test
`);

export const codeLanguages = listOf(
  'Python, Java, Kotlin, Rust, Go, C++, Ruby, Scala, Haskell, Perl, Swift, TypeScript, C#, PHP, Lua, Julia, R, Bash',
);

export const fileFormats = listOf(
  'PDF, JPEG, PNG, CSV, JSON, XML, YAML, HTML, Markdown, DOCX, EPUB, MP3, WAV, MP4, SVG, TIFF, LaTeX, XLSX, Parquet, GIF',
);

export const textForms = listOf(
  'poem, short story, essay, tweet, song, speech, limerick, report, haiku, sermon, sketch, letter, quiz, slogan, fairy tale, news article, dialogue, sonnet, joke, blog post',
);
