/**
 * Words of one kind of which a question means one: with another of the set in its place it asks something else. Each line is a set;
 * what can stand for one another ("mom", "mother") is brought into one spelling before.
 */
const SETS = `
monday tuesday wednesday thursday friday saturday sunday today tomorrow yesterday tonight
january february march april may june july august september october november december
spring summer autumn fall winter
morning afternoon evening night noon midnight
daily weekly monthly quarterly yearly annually hourly annual
second minute hour day week month quarter year decade century
red orange yellow green blue purple pink brown black white gray gold silver violet turquoise beige maroon
breakfast lunch dinner brunch supper snack dessert
mom dad brother sister son daughter uncle aunt cousin grandmother grandfather nephew niece husband wife boyfriend girlfriend stepfather stepmother grandma grandpa
dollar euro pound yen rupee yuan franc peso won ruble lira dinar dirham krona baht bitcoin ethereum
north south east west northeast northwest southeast southwest
1st 2nd 3rd 4th 5th 6th 7th 8th 9th 10th second last
mercury venus earth mars jupiter saturn uranus neptune pluto moon sun
football soccer basketball baseball cricket tennis hockey golf rugby volleyball badminton boxing wrestling swimming cycling skiing chess
guitar piano violin drums flute trumpet cello saxophone ukulele harmonica
dog cat horse cow pig sheep goat rabbit hamster rat mouse bird parrot fish snake lizard turtle chicken duck frog spider monkey elephant lion tiger bear wolf fox deer
salmon tuna beef pork lamb turkey shrimp bacon tofu egg
head neck shoulder arm elbow wrist hand finger thumb chest back stomach hip leg thigh knee calf ankle foot toe nose ear eye mouth tooth lip tongue chin cheek forehead heart lung liver kidney brain
apple banana orange grape mango pear peach plum cherry strawberry blueberry lemon lime pineapple watermelon avocado
tomato potato onion garlic carrot broccoli spinach cabbage lettuce cucumber pepper pumpkin zucchini celery
coffee tea juice milk water beer wine whiskey vodka rum gin soda cola
rice pasta bread pizza burger sandwich soup salad cake pie cookie noodle
iron steel copper aluminum gold silver platinum tin lead zinc nickel titanium bronze brass
circle square triangle rectangle pentagon hexagon cube sphere cone cylinder pyramid ellipse trapezoid
car truck bus train plane boat ship motorcycle bicycle taxi subway tram helicopter
kitchen bathroom bedroom garage basement attic garden balcony
undergraduate graduate phd bachelor master doctorate diploma
freshman sophomore junior senior
java python javascript typescript ruby php rust golang kotlin scala perl haskell swift matlab fortran cobol lua elixir
django flask rails laravel spring react angular vue svelte
mysql postgresql mongodb redis sqlite oracle cassandra mariadb
windows linux macos ubuntu debian fedora android ios mac
chrome firefox safari opera edge
facebook twitter instagram youtube linkedin whatsapp snapchat tinder reddit quora tiktok pinterest telegram wechat
google microsoft apple amazon facebook netflix tesla samsung sony ibm oracle intel nvidia
uber lyft airbnb
aws azure gcp
docker kubernetes
excel word powerpoint outlook
gmail yahoo outlook hotmail
christian muslim hindu buddhist jewish sikh catholic protestant atheist
christianity islam hinduism buddhism judaism sikhism catholicism atheism
physics chemistry biology mathematics history geography economics philosophy psychology sociology astronomy geology literature
doctor nurse lawyer teacher engineer accountant architect pilot chef dentist plumber electrician carpenter journalist
actor actress singer dancer writer director producer editor reporter
mechanical electrical civil chemical computer aerospace industrial
addition subtraction multiplication division
sum difference product quotient average median mode mean
ascii utf json xml yaml csv html css sql
http https ftp ssh smtp tcp udp
nouns verbs adjectives adverbs pronouns
noun verb adjective adverb pronoun preposition
hydrogen helium oxygen nitrogen carbon sodium potassium calcium chlorine sulfur
cancer diabetes asthma arthritis flu malaria pneumonia tuberculosis
visa mastercard paypal amex
oil gas coal solar wind nuclear hydro
plastic glass paper wood metal cotton wool silk leather
celsius fahrenheit kelvin
mile kilometer meter foot inch yard centimeter millimeter
kilogram gram pound ounce ton
liter gallon pint quart cup tablespoon teaspoon
he she they
him her them
his her their
i you he she we they
can should will must
who what when where why
bigger smaller taller shorter older younger cheaper lighter heavier faster slower stronger weaker
president governor mayor senator minister king queen prince princess emperor
novel poem play essay film song album movie book
guest host
table chair sofa couch bed desk floor
house apartment castle villa cabin
percent fraction decimal ratio`;

const setsByWord = new Map<string, number[]>();
for (const [index, line] of SETS.trim().split('\n').entries()) {
  for (const word of line.trim().split(' ')) {
    const known = setsByWord.get(word);
    if (known) known.push(index);
    else setsByWord.set(word, [index]);
  }
}

/** Whether two words (as they are or as stems) name different members of one set: "red" and "green", "father" and "sister". */
export function areAlternatives(a: string, b: string): boolean {
  if (a === b) return false;
  const setsOfB = setsByWord.get(b);
  return setsOfB !== undefined && (setsByWord.get(a)?.some((set) => setsOfB.includes(set)) ?? false);
}
