import type { Slot } from './match-opening';

/** How refusals begin in one language: one phrase of each slot, in order. */
export interface RefusalForm {
  readonly separator: ' ' | '';
  readonly slots: readonly Slot[];
  /** What the rest of a refusal says as well, where its verb comes last. */
  readonly says?: RegExp;
}

const words = (text: string): string[] => text.split('|');
const spaced = (...slots: string[]): RefusalForm => ({ separator: ' ', slots: slots.map(words) });
const unspaced = (...slots: string[]): RefusalForm => ({ separator: '', slots: slots.map(words) });

const englishModals =
  "i can't|i cannot|i can not|i'm unable to|i am unable to|i'm not able to|i am not able to|i won't|i will not|i won't be able to|i will not be able to|" +
  "i'm not going to|i must decline to|i have to decline to|i'm not comfortable|i am not comfortable|i don't feel comfortable|i cannot and will not";
const englishVerbs =
  'help|assist|comply|fulfill|fulfil|provide|answer|respond|continue|engage|discuss|create|generate|write|produce|share|support|do that|do this|' +
  'participate|offer|give you|give instructions|give advice|facilitate|process this request|process that request|process your request|helping|' +
  'assisting|providing|writing|creating|generating|discussing|complete this request|complete that request|complete your request|accommodate|advise|' +
  'promote|tell you how|show you how|teach you|talk about|describe|fulfill that|go into';
const germanObjects =
  '|ihnen|dir|euch|dich|sie|leider|dabei|damit|hierbei|hierfür|darauf|dazu|das|dies|diese anfrage|dieser anfrage|dieser bitte|ihre anfrage|ihrer anfrage|' +
  'deine anfrage|deiner anfrage|diese frage|ihre frage|deine frage|bei dieser anfrage|bei diesem anliegen|bei diesem thema|mit dieser anfrage|auf diese frage';

/**
 * The openings by which models turn a request down in plain text, without punctuation and in lower case. A verb of helping belongs to each:
 * who is merely sorry, or cannot come on Sunday, does not refuse.
 */
export const refusalForms: readonly RefusalForm[] = [
  spaced(
    "|i'm sorry|i am sorry|i'm very sorry|i'm so sorry|i'm really sorry|i am very sorry|sorry|i'm afraid|i am afraid|my apologies|apologies|i apologize|" +
      'i apologise|unfortunately|regrettably',
    '|but|however|for the inconvenience|for any inconvenience|for the inconvenience but|for any inconvenience but|that',
    "|as an ai|as an ai language model|as an ai assistant|as a language model|as a large language model|i'm just a language model so|i'm an ai and",
    englishModals,
    '|actually|really|directly|ethically|in good conscience|currently|legally|knowingly|personally|be able to',
    englishVerbs,
  ),
  spaced(
    "that's not something i can|that is not something i can|this is not something i can|this isn't something i can",
    '|ethically|currently',
    englishVerbs,
  ),
  spaced(
    '|es tut mir leid|es tut mir sehr leid|tut mir leid|leider|entschuldigung|entschuldige|ich bedaure|ich bedauere|bedauerlicherweise',
    '|aber|doch|jedoch|dass',
    '|als ki|als ki modell|als ki sprachmodell|als sprachmodell|als ki assistent',
    'ich kann|kann ich|ich darf|darf ich|ich werde|dabei kann ich|damit kann ich|hierbei kann ich|das kann ich|diese anfrage kann ich|diese frage kann ich|ich bin',
    germanObjects,
    germanObjects,
    germanObjects,
    'nicht helfen|nicht weiterhelfen|nicht behilflich sein|nicht unterstützen|nicht beantworten|nicht antworten|nicht erfüllen|nicht nachkommen|' +
      'nicht bearbeiten|nicht bereitstellen|nicht eingehen|nicht in der lage|nicht dabei helfen|nicht dabei unterstützen|nicht damit helfen|' +
      'keine informationen|keine anleitung|keine anleitungen|keine auskunft|keine hilfe|keine inhalte|keine angaben|keine antwort|keine unterstützung|' +
      'keine ratschläge|keinen rat',
  ),
  spaced(
    "|je suis désolé|je suis désolée|je suis vraiment désolé|je suis vraiment désolée|désolé|désolée|je regrette|je m'excuse|toutes mes excuses|malheureusement",
    '|mais',
    "|en tant qu'ia|en tant qu'intelligence artificielle|en tant qu'assistant ia|en tant que modèle de langage",
    "je ne peux pas|je ne peux|je ne puis|je ne suis pas en mesure|je ne suis pas capable|je ne pourrai pas|il m'est impossible",
    '|de|vous|te|de vous|de te|malheureusement|malheureusement pas|pas vous',
    "aider|d'aider|t'aider|répondre|fournir|satisfaire|accéder|d'accéder|assister|d'assister|t'assister|donner suite|traiter|créer|générer|discuter|" +
      'accompagner|donner des instructions|partager|continuer',
  ),
  spaced(
    '|lo siento|lo siento mucho|lo lamento|disculpa|disculpe|disculpas|lamentablemente|desafortunadamente|perdón',
    '|pero',
    '|como ia|como una ia|como modelo de lenguaje|como un modelo de lenguaje|como inteligencia artificial|como asistente de ia',
    'no puedo|no podré|no me es posible|no estoy en condiciones de|no soy capaz de|no tengo permitido',
    '|te|le',
    'ayudarte|ayudarle|ayudarlo|ayudarla|ayudarles|ayudar|asistirte|asistirle|asistir|proporcionar|proporcionarte|proporcionarle|responder|responderte|' +
      'cumplir|crear|generar|ofrecer|ofrecerte|brindar|brindarte|brindarle|darte instrucciones|compartir|discutir|atender|continuar|participar|completar',
  ),
  spaced(
    '|mi dispiace|mi dispiace molto|mi spiace|spiacente|sono spiacente|scusa|mi scuso|purtroppo',
    '|ma|però',
    '|come ia|come intelligenza artificiale|come modello linguistico|in quanto ia|in quanto modello linguistico|in quanto intelligenza artificiale',
    'non posso|non potrò|non sono in grado di|non mi è possibile',
    '|purtroppo',
    'aiutarti|aiutarla|aiutarvi|aiutare|assisterti|assisterla|assistere|fornire|fornirti|fornirle|rispondere|soddisfare|creare|generare|esaudire|discutere|' +
      'offrire|offrirti|procedere|continuare|condividere|darti istruzioni',
  ),
  spaced(
    '|desculpe|desculpa|me desculpe|peço desculpas|peço desculpa|sinto muito|lamento|infelizmente',
    '|mas|porém',
    '|como ia|como uma ia|como modelo de linguagem|como um modelo de linguagem|como inteligência artificial|como assistente de ia',
    'não posso|eu não posso|não consigo|não sou capaz de|não estou apto a|não me é possível|não poderei',
    '|te|lhe|o|a',
    'ajudar|ajudá lo|ajudá la|auxiliar|auxiliá lo|fornecer|responder|atender|cumprir|criar|gerar|oferecer|discutir|prosseguir|compartilhar|continuar|' +
      'realizar essa|dar instruções|participar',
  ),
  unspaced(
    '|抱歉|很抱歉|非常抱歉|十分抱歉|对不起|對不起|不好意思|很遗憾|很遺憾',
    '|但|但是|不过',
    '|作为ai|作为一个ai|作为ai助手|作为人工智能|作为一个人工智能|作为人工智能助手|作为一个人工智能助手|作为语言模型|作为一个语言模型|作为人工智能语言模型|' +
      '作为一个人工智能语言模型',
    '我',
    '无法|不能|没办法|没有办法|不可以|無法|不便|还不能|暂时无法|不会',
    '|为您|为你|向您|向你|给您|给你|給您|就此|对此|继续|直接|協助您|在这方面',
    '提供|协助|帮助|帮您|帮你|回答|满足|完成这|处理|生成|讨论|支持|回应|执行|参与|给出|创建|编写|協助|幫助',
  ),
  unspaced(
    '抱歉|很抱歉|非常抱歉|对不起|對不起',
    '无法|不能|無法',
    '|为您|为你|向您|向你|给您|给你|继续',
    '提供|协助|帮助|回答|满足|处理|生成|讨论|协助|給出',
  ),
  {
    separator: '',
    slots: [
      words(
        '申し訳|大変申し訳|誠に申し訳|すみません|すみませんが|恐れ入りますが|恐縮ですが|ごめんなさい|残念ながら|残念ですが',
      ),
    ],
    says: /でき(?:ません|かねます|ない)|出来(?:ません|かねます)|(?:いたし|応じ|致し|お答えし|し)かねます/,
  },
];
