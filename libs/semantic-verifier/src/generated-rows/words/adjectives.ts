import { listOf, tableOf } from './lists';

/** Comparative, its exact inverse, the positive, its superlative, the superlative of the inverse; of people. */
export const personComparatives = tableOf(`
taller | shorter | tall | tallest | shortest
older | younger | old | oldest | youngest
richer | poorer | rich | richest | poorest
stronger | weaker | strong | strongest | weakest
faster | slower | fast | fastest | slowest
heavier | lighter | heavy | heaviest | lightest
louder | quieter | loud | loudest | quietest
happier | unhappier | happy | happiest | unhappiest
lazier | more hard-working | lazy | laziest | most hard-working
luckier | unluckier | lucky | luckiest | unluckiest
`);

/** The same of things and places. */
export const thingComparatives = tableOf(`
bigger | smaller | big | biggest | smallest
cheaper | more expensive | cheap | cheapest | most expensive
better | worse | good | best | worst
safer | more dangerous | safe | safest | most dangerous
warmer | colder | warm | warmest | coldest
older | newer | old | oldest | newest
higher | lower | high | highest | lowest
longer | shorter | long | longest | shortest
wider | narrower | wide | widest | narrowest
cleaner | dirtier | clean | cleanest | dirtiest
easier | harder | easy | easiest | hardest
deeper | shallower | deep | deepest | shallowest
quieter | noisier | quiet | quietest | noisiest
wetter | drier | wet | wettest | driest
`);

/** Traits and the opposite: "more X" asks what "less Y" asks. */
export const traits = tableOf(`
optimistic | pessimistic
patient | impatient
organised | disorganised
confident | insecure
polite | rude
active | passive
honest | dishonest
generous | stingy
relaxed | tense
humble | arrogant
responsible | irresponsible
introverted | extroverted
tolerant | intolerant
calm | nervous
brave | cowardly
mature | childish
careful | careless
modest | vain
tidy | messy
hard-working | lazy
cheerful | gloomy
sociable | shy
reliable | unreliable
trusting | suspicious
ambitious | unambitious
flexible | rigid
dependent | independent
talkative | quiet
emotional | rational
decisive | indecisive
visible | invisible
predictable | unpredictable
religious | secular
selfish | selfless
formal | informal
productive | unproductive
disciplined | undisciplined
strict | lenient
trustworthy | untrustworthy
sensitive | insensitive
`);

/** Adjectives without a fixed comparative, used with more and less. */
export const longAdjectives = listOf(`
popular, famous, powerful, intelligent, creative, beautiful, experienced, religious, successful, competitive, efficient, modern, democratic, crowded, influential
aggressive, honest, mysterious, musical, conservative, athletic, talented, ambitious, romantic, sensible, cautious, stubborn, curious
`);

/** A slot word, one that says the same, and two that say something else: of things to choose among. */
export const choiceAdjectives = tableOf(`
best | top | cheapest | smallest
cheapest | least expensive | best | most durable
most popular | best-selling | most expensive | latest
quietest | least noisy | fastest | lightest
lightest | least heavy | most powerful | cheapest
most expensive | priciest | cheapest | best
fastest | quickest | quietest | cheapest
biggest | largest | smallest | oldest
newest | latest | oldest | cheapest
safest | least dangerous | most dangerous | fastest
`);

/** Colours and looks to swap between two nouns of a question. */
export const looks = listOf(`
black, blue, brown, green, grey, orange, pink, purple, red, silver, white, yellow
`);

/** Who, where, and two adjectives that fit either. */
export const groupsInPlaces = tableOf(`
teachers | schools | young | old
people | cities | rich | poor
people | countries | rich | poor
families | towns | big | small
farmers | villages | poor | rich
animals | forests | old | young
trees | streets | big | small
dogs | houses | big | small
shops | streets | new | old
ships | harbours | big | small
books | libraries | old | new
cafes | towns | small | big
guests | hotels | old | new
women | companies | young | old
clubs | districts | old | new
streams | valleys | wide | narrow
churches | villages | small | big
farms | regions | dry | wet
schools | suburbs | rich | poor
flats | houses | cold | warm
rooms | hotels | clean | dirty
offices | towers | modern | old
bridges | cities | old | modern
plants | rooms | small | big
`);

/** Adjectives of people: two that mean the same, an opposite or other one. */
export const traitSynonyms = tableOf(`
brave | courageous | timid
clever | smart | handsome
wealthy | rich | poor
modest | humble | vain
angry | mad | hungry
slim | thin | tall
curious | inquisitive | bored
stubborn | obstinate | flexible
shy | bashful | bold
sad | unhappy | cheerful
polite | courteous | blunt
reliable | dependable | moody
careful | cautious | reckless
famous | well-known | rich
strange | odd | ordinary
friendly | amiable | hostile
creative | inventive | practical
cheerful | jolly | gloomy
lazy | idle | busy
calm | composed | nervous
strict | stern | lenient
talkative | chatty | silent
generous | open-handed | greedy
sincere | honest | deceitful
frank | candid | secretive
jealous | envious | proud
loyal | faithful | disloyal
forgetful | absent-minded | attentive
fearless | unafraid | fearful
elegant | graceful | clumsy
impolite | rude | polite
merciless | ruthless | merciful
tired | weary | rested
`);
