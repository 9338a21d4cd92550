/** What a word says about the work a request asks for; each kind of sign is a weight, 0 where the word says nothing of it. */
export interface WordSigns {
  /** Thinking in several steps: 1 for a proof or a design, less for an explanation. */
  readonly reasoning: number;
  /** Knowledge of a field. */
  readonly domain: number;
  /** A condition that the answer has to meet, or a further thing that is asked for. */
  readonly demand: number;
  /** A long or shaped answer. */
  readonly output: number;
}

type Kind = keyof WordSigns;

// English, German, French, Spanish; Chinese as pairs of characters. Words are matched whole and in lower case.
const lists: readonly (readonly [kinds: Partial<WordSigns>, words: string])[] = [
  [
    { reasoning: 1.1, output: 0.6, demand: 0.3 },
    `prove derive design architect architecture formulate optimise optimize debug deduce strategy diagnose refactor
     beweise beweis entwirf entwerfe architektur optimiere strategie démontre démontrer prouve conçois stratégie
     diseña demuestra optimiza deriva estrategia arquitectura 证明 设计 优化 推导 架构`,
  ],
  [
    { reasoning: 0.9, output: 0.5, demand: 0.2 },
    `analyse analyze analysis evaluate critically justify argue assess propose develop discuss trade-off trade-offs tradeoffs implement
     counterexample hypothesis hypotheses reconstruct defend weigh quantify estimate recommend construct perform simulate
     analysiere bewerte begründe leite diskutiere untersuche évalue justifie propose construis discute
     analiza evalúa evalua justifica propone discute implementa 分析 评估 论证 实现 方案 比较`,
  ],
  [
    { reasoning: 0.6, output: 0.35 },
    `explain compare why reason plan solve calculate compute describe outline difference differences causes pros cons consider
     interpret predict infer conclude steps step reproduce identify simplify contrast advantages disadvantages convert minimises
     minimizes identification interleavings implications impact
     erkläre vergleiche warum unterschied berechne löse plane beschreibe schritt
     explique compare pourquoi différence calcule analyse étape compara explica ventajas desventajas calcula resuelve
     解释 区别 计算 说明 理由 步骤 如何`,
  ],
  [
    { reasoning: 0.45, output: 0.5, demand: 0.2 },
    `summarise summarize rewrite extract classify draft write list suggest paraphrase edit improve correct review translate generate create
     compose categorise categorize table example rephrase proofread sort
     fasse schreibe liste zusammen formuliere erstelle übersetze nenne beispiel
     résume rédige écris liste traduis donne exemple resume escribe redacta lista traduce ejemplo
     总结 写一 翻译 列出 提取 例子 概括`,
  ],
  [
    { output: 0.8, demand: 0.3 },
    `detailed comprehensive essay report article thorough complete in-depth documentation tutorial chapter budget milestones
     references tests specification proposal roadmap ausführlich detaillierte detailliert détaillée détaillé detallado pruebas 详细 测试 严格`,
  ],
  [
    { demand: 0.45 },
    `must without ensure exactly constraint constraints subject requirement requirements every each both under when only least most
     not unless also include including include handle tolerate respect avoid support assumption assumptions conditions condition between
     following mentioning polite short words sentences plain words given against while after before across more than if
     muss ohne mindestens jede jeden keine unter sowie außerdem folgenden anforderungen beide drei zwei
     chaque sans malgré puis doit suivant deux debe cada sin entre incluye siguiente dos
     要求 必须 保证 至少 支持 并且 每一 任意 两句 下面 `,
  ],
  [
    { domain: 1 },
    `theorem lemma integer integers prime primes modulo irrational continuous function matrix eigenvalue equation equations integral polynomial
     convergence topology algebra calculus derivative probability variables stochastic statistical statistics causal regression variance
     quantum thermodynamics equilibrium momentum kinetic molecule enzyme protein genome mechanism reaction voltage circuit
     distributed concurrent concurrency latency throughput mutex deadlock thread threads compiler cache recursion pointer rust golang c++
     postgresql kubernetes docker microservices microservice monolith schema api sql typescript javascript python java kotlin database databases
     consistency scalability backend frontend algorithm complexity sharding replication transformer gpu gpus gradient neural regex
     optimiser optimizer encryption protocol tcp udp http authentication vulnerability threat
     chronic acute therapeutic therapy diagnosis dosage patient patients clinical pathology symptoms kidney cardiac infection medication
     gdpr liability clause contract jurisdiction treaty tort statute tax taxation regulation compliance plaintiff defendant trust
     inflation macroeconomic monetary fiscal arbitrage option portfolio compound interest financing valuation audit ledger
     epistemology consciousness functionalism utilitarian deontological
     satz folge zahlen funktion gleichung ableitung vertrag haftung steuer patient datenbank algorithmus rechenzentrum
     théorème matrice fonction équation dérivée contrat responsabilité règlement droit algorithme
     teorema función ecuación derivada contrato impuesto algoritmo concurrencia econométrico salario
     整数 素数 定理 函数 方程 分布 数据 算法 性能 成本 一致 学习 监督 合同 法律`,
  ],
];

function readLexicon(): ReadonlyMap<string, WordSigns> {
  const words = new Map<string, WordSigns>();
  const kinds: readonly Kind[] = ['reasoning', 'domain', 'demand', 'output'];
  for (const [signs, list] of lists)
    for (const word of list.split(/\s+/)) {
      if (word === '') continue;
      const known = words.get(word);
      const merged = Object.fromEntries(kinds.map((kind) => [kind, Math.max(known?.[kind] ?? 0, signs[kind] ?? 0)]));
      words.set(word, merged as Record<Kind, number>);
    }
  return words;
}

/** Signs of words in lower case, and of pairs of Chinese characters. */
export const complexityLexicon = readLexicon();
