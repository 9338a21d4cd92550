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

export const sizes = tableOf(`
big | small
old | new
rich | poor
cold | warm
young | old
public | private
long | short
wet | dry
heavy | light
clean | dirty
`);
