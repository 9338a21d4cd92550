import { isRefusal, refusalOpening } from './refusal';

const refusals = [
  "I'm sorry, but I can't assist with that.",
  'I’m sorry, but I can’t help with that request.',
  'Sorry, I cannot help you with this.',
  "I can't help with that.",
  'I cannot provide instructions for making weapons.',
  "I'm unable to assist with that request.",
  'I am not able to discuss this topic. Is there something else I can help you with?',
  "Unfortunately, I can't provide medical advice.",
  'As an AI language model, I cannot engage in that kind of conversation.',
  "I apologize, but I won't be able to fulfill that request.",
  'I cannot in good conscience write that.',
  "I'm not comfortable writing that.",
  "That's not something I can help with.",
  '"I\'m sorry, but I can\'t help with that."',
  'Es tut mir leid, aber ich kann dir dabei nicht helfen.',
  'Tut mir leid, dabei kann ich Ihnen nicht weiterhelfen.',
  'Leider kann ich diese Anfrage nicht beantworten.',
  'Ich kann Ihnen hierbei leider nicht behilflich sein.',
  'Es tut mir leid, ich kann dazu keine Informationen geben.',
  'Je suis désolé, mais je ne peux pas vous aider avec cela.',
  'Désolé, je ne peux pas répondre à cette demande.',
  "Je ne suis pas en mesure d'accéder à cette demande.",
  'Lo siento, pero no puedo ayudarte con eso.',
  'Lo siento, no puedo proporcionar esa información.',
  'No puedo cumplir con esa solicitud.',
  'Mi dispiace, ma non posso aiutarti con questa richiesta.',
  'Purtroppo non sono in grado di fornire queste informazioni.',
  'Desculpe, mas não posso ajudar com isso.',
  'Sinto muito, não consigo fornecer essa informação.',
  '抱歉，我无法协助您完成这个请求。',
  '很抱歉，我不能提供这方面的信息。',
  '作为一个人工智能助手，我无法回答这个问题。',
  '对不起，无法提供相关内容。',
  '申し訳ありませんが、そのご要望にはお応えできません。',
  '申し訳ございませんが、その件についてはお手伝いできません。',
  'すみませんが、お答えできません。',
];

const answers = [
  "I'm sorry to hear about your loss. Time will help, and so will friends.",
  'Sorry for the confusion: the answer is 42.',
  'Sorry, my mistake. The capital of Australia is Canberra.',
  "I'm sorry, I can't come to the party on Sunday.",
  "I can't believe how quickly time has passed.",
  "I can't help but admire the craftsmanship.",
  'I cannot help feeling that something is missing.',
  'The word “sorry” comes from the Old English sārig.',
  'A polite way to decline: "I am sorry, but I can\'t help with that."',
  'I can help with that. First, open the settings.',
  'I am able to confirm your order.',
  'Unfortunately, the train was late.',
  'No.',
  '42',
  'Ich kann dir gerne helfen: zuerst die Schrauben lösen.',
  'Es tut mir leid, dass du warten musstest. Hier ist die Liste.',
  'Leider hat der Laden geschlossen.',
  'Je suis désolé pour le retard. Voici la réponse.',
  'Je ne peux pas venir demain.',
  'Lo siento mucho por tu pérdida.',
  'No puedo dormir sin ti, dice la canción.',
  'Mi dispiace per il ritardo.',
  'Desculpe o atraso! A reunião começa às nove.',
  '抱歉让您久等了，答案是四十二。',
  '我无法想象没有音乐的世界。',
  '申し訳ありません、お待たせしました。答えは四十二です。',
  `I can't provide a single number, and here is why. ${'The figure depends on the year and on the method. '.repeat(8)}`,
];

describe('isRefusal', () => {
  it.each(refusals)('knows a refusal: %s', (text) => expect(isRefusal(text)).toBe(true));

  it.each(answers)('takes an answer for what it is: %s', (text) => expect(isRefusal(text)).toBe(false));

  it('takes nothing for no refusal', () => expect([isRefusal(''), isRefusal(' \n')]).toEqual([false, false]));
});

describe('refusalOpening', () => {
  it.each(refusals)('never rules a refusal out on its way: %s', (text) => {
    for (let length = 0; length <= text.length; length++) expect(refusalOpening(text.slice(0, length))).not.toBe('no');
  });

  it.each([
    ['The', 'no'],
    ['I c', 'maybe'],
    ['I can ', 'maybe'],
    ['I can h', 'no'],
    ["I'm sorry", 'maybe'],
    ["I'm sorry to", 'no'],
    ["I'm sorry, but I can't help ", 'yes'],
    ['{"a"', 'no'],
    ['四', 'no'],
  ])('says of %j: %s', (text, match) => expect(refusalOpening(text)).toBe(match));
});
