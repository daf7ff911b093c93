"""What the customers of the sample bank write: frames with slots, by intent.

Slots: {m} merchant, {a} amount, {c} city, {d} day, {v} device, {k} country, {p} payee.
"""

INTENTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "card_not_arrived": ("A new card that has not come", (
        "my new card still hasn't come in the post", "I ordered a replacement card {d} and nothing has arrived",
        "when will the card you sent me get here", "waiting over two weeks for my debit card",
        "the letter with my card never reached {c}", "can you track the card you posted {d}",
        "no sign of the new card yet, postman says nothing for me", "has my card been dispatched",
        "was told five working days for delivery, it's been ten", "moved to {c} last month, did my card go to the old place")),
    "card_lost": ("A card that was lost or stolen", (
        "I lost my card in {c}", "my wallet got stolen on the train {d}", "can't find my debit card anywhere, please freeze it",
        "left my card at {m} and they don't have it", "someone pickpocketed me in {c}, block everything",
        "I need to report a stolen card", "think I dropped my card getting out of a taxi", "my purse is gone and the card was in it",
        "card missing since {d}, how do I stop anyone using it", "lost the card abroad in {k}, what now")),
    "card_damaged": ("A card that is broken", (
        "the chip on my card is cracked", "my card snapped in half", "the magnetic strip doesn't read any more",
        "card is bent and machines spit it out", "the dog chewed my bank card", "went through the washing machine and now the chip is dead",
        "numbers on my card have worn off", "contactless stopped working, I think the card itself is faulty",
        "need a replacement because the plastic is peeling", "the card is physically broken, can I get another")),
    "pin_blocked": ("A PIN that is forgotten or blocked", (
        "I typed the wrong PIN three times and it's locked", "forgot my PIN", "how do I unblock my PIN",
        "cash machine says PIN tries exceeded", "can you remind me of my four digit number", "where in the app do I see my PIN",
        "want to change the PIN to something I can remember", "PIN not accepted at {m} although I'm sure it's right",
        "need a PIN reminder sent to {c}", "locked out of my card after too many attempts at the keypad")),
    "payment_declined": ("A card payment that was refused", (
        "my card was declined at {m}", "payment refused online even though there's money in there",
        "tried to pay {a} at {m} and got rejected", "why won't my card go through", "embarrassing, the till at {m} refused me twice",
        "transaction declined with no explanation", "card works in shops but not on the {m} website",
        "keeps saying do not honour when I pay", "purchase of {a} failed, balance is fine", "declined again {d}, third shop this week")),
    "charged_twice": ("One purchase, two charges", (
        "{m} charged me twice", "there are two identical payments of {a}", "duplicate transaction on my account",
        "I bought one thing and paid for it double", "same amount {a} taken two times {d}", "see the payment to {m} listed twice, only one is mine",
        "double billed for a single order", "why has {a} gone out twice in a minute", "one coffee, two charges from {m}",
        "please reverse the second payment, it's a repeat")),
    "unknown_charge": ("A charge that the customer does not recognise", (
        "I don't recognise a payment of {a}", "what is this charge from {m}, I never shop there",
        "someone used my card for {a} in {c}", "there's a transaction {d} that wasn't me", "strange debit on my statement",
        "I want to dispute a payment I didn't make", "fraud on my account, {a} to a shop in {k}", "who is {m} and why did they take {a}",
        "unauthorised purchase, please investigate", "I was asleep when this {a} was spent")),
    "refund_missing": ("A refund that has not come", (
        "where is my refund from {m}", "the shop says they sent the money back, I can't see it", "returned the shoes to {m}, still waiting for {a}",
        "how many days does a refund take to show", "refund promised {d} and not in my account", "{m} confirmed the credit of {a} but nothing yet",
        "cancelled my hotel in {c}, haven't been paid back", "expecting {a} back from a merchant", "no refund even after three weeks",
        "the return was accepted, when do I get my cash back")),
    "transfer_pending": ("A transfer on its way", (
        "my transfer to {p} is still pending", "sent {a} {d} and it hasn't arrived", "how long does a bank transfer take",
        "{p} says the money isn't there yet", "transfer stuck on processing", "is there a delay with transfers to {k}",
        "paid my landlord {d}, he still hasn't received it", "the {a} I moved to my other bank is nowhere",
        "status says on its way since {d}", "when will the payment to {p} land")),
    "transfer_failed": ("A transfer that was refused", (
        "my transfer got rejected", "can't send money to {p}, it says failed", "bank transfer of {a} was returned to me",
        "error when I try to pay a new person", "transfer cancelled itself {d}", "payment to {p} bounced back, details are right",
        "it won't let me transfer more than {a}", "every time I send money the app says something went wrong",
        "why did the transfer to {k} fail", "outgoing transfer blocked and nobody told me why")),
    "wrong_recipient": ("Money sent to the wrong account", (
        "I sent {a} to the wrong person", "typed one digit wrong in the account number and the money left", "paid the wrong {p}, can you get it back",
        "sent my rent to an old landlord by accident", "recall a payment please, it went to a stranger", "picked the wrong contact and transferred {a}",
        "mistakenly paid someone with the same name as {p}", "I entered an old sort code, where did {a} go",
        "how do I reverse a transfer I made by mistake", "money went to the wrong account {d}")),
    "exchange_rate": ("The rate for foreign money", (
        "what exchange rate do you use", "the rate I got in {k} was terrible", "how much is {a} in euros with you",
        "currency conversion looks wrong on my payment in {c}", "is your rate the same at weekends", "you converted my dollars at a bad rate",
        "which day's rate applies to card purchases abroad", "is there a markup when I change pounds to yen",
        "the app showed one rate and charged another", "best way to exchange money before going to {k}")),
    "cash_machine_fee": ("A fee for cash from a machine", (
        "why was I charged for taking out cash", "fee of {a} for a withdrawal in {c}", "is it free to use cash machines in {k}",
        "the ATM took a commission", "how many free withdrawals do I get each month", "you said no ATM fees and now there is one",
        "charged for getting money out at {m}", "what does it cost to withdraw cash abroad", "hole in the wall cost me {a} extra",
        "which cash points don't charge")),
    "cash_not_dispensed": ("A machine that kept the money", (
        "the ATM didn't give me my money but took it off my balance", "asked for {a}, only got half", "cash machine in {c} swallowed the notes",
        "machine at {m} jammed and no cash came out", "account debited {a} but nothing dispensed", "got less cash than I requested {d}",
        "the screen froze after I chose the amount and no notes came", "withdrawal failed yet it shows as taken",
        "cash point timed out and kept my {a}", "wrong amount of notes from the machine")),
    "app_login": ("Trouble with logging in", (
        "can't log in to the app", "forgot my password and the reset email never comes", "face recognition no longer works on my {v}",
        "the app says my details are wrong", "locked out of online banking", "got a new {v} and can't get into my account",
        "login code isn't arriving by text", "how do I set up the app on a second phone", "username not recognised since {d}",
        "my passcode is refused on the {v}")),
    "statement_request": ("A statement or proof of account", (
        "I need statements for the last six months", "how do I download a PDF of my transactions", "my accountant needs a yearly summary",
        "can you post me a bank statement to {c}", "where do I find my {d} statement", "landlord wants proof of income from my bank",
        "need a letter confirming my account details", "export transactions to a spreadsheet please", "the mortgage broker asks for stamped statements",
        "statement for March is missing in the list")),
    "address_change": ("A move or a change of details", (
        "I moved house, how do I update my address", "change my address to {c}", "need to tell you about my new postcode",
        "just got married and want to change my surname", "update my mobile number please", "my post still goes to the old flat",
        "moving to {c} {d}, what do you need from me", "how can I change the email on my profile", "wrong street on my account",
        "relocated to {k}, can I keep the account")),
    "direct_debit": ("A direct debit to stop or question", (
        "cancel my direct debit to {m}", "{m} took a direct debit I cancelled", "how do I stop a regular payment to the gym",
        "the gas company debited {a} too much", "can I change the date of a direct debit", "set up a direct debit for council tax",
        "a direct debit bounced {d} and I got a letter", "I want an indemnity claim for a debit by {m}", "list all my direct debits please",
        "subscription still collecting after I ended it")),
    "standing_order": ("A standing order to set up or change", (
        "set up a standing order to {p}", "my standing order didn't go out {d}", "change the amount of my standing order to {a}",
        "I pay {p} every month, how do I automate it", "end the weekly payment to my daughter", "standing order left twice this month",
        "can a standing order skip one month", "move my rent payment from the first to the fifth", "regular payment to savings stopped by itself",
        "want to send {a} to {p} each Friday automatically")),
    "top_up_failed": ("A top-up that did not work", (
        "my top up was declined", "tried to add {a} from my other card and it failed", "top-up not showing in balance",
        "auto top up stopped working", "can't load money onto the account", "adding money with {v} wallet doesn't work",
        "topped up {a} {d}, balance unchanged", "the money I added has been reverted", "which cards can I use to top up",
        "top up pending for hours")),
    "overdraft": ("An overdraft and its cost", (
        "can I get an overdraft", "increase my overdraft limit to {a}", "why did I pay interest for going overdrawn",
        "went {a} into the red by accident, will there be a charge", "please remove my overdraft", "how much does an arranged overdraft cost per day",
        "my overdraft request was refused", "account is negative since {d}, what happens now", "is there a buffer before fees start",
        "overdraft letter came and I don't understand it")),
    "loan_question": ("A personal loan", (
        "how do I apply for a personal loan", "want to borrow {a} for a car", "what's the rate for a loan over three years",
        "can I pay my loan off early", "loan application still under review since {d}", "missed a loan instalment, what should I do",
        "can I take a payment holiday on my loan", "why was my credit application turned down", "settlement figure for my loan please",
        "does checking loan eligibility hurt my credit score")),
    "mortgage_question": ("A mortgage", (
        "my fixed rate mortgage ends soon, what are my options", "can I overpay my mortgage by {a}", "need an agreement in principle for a house in {c}",
        "what documents do you want for a mortgage", "port my mortgage to another property", "how long until my mortgage offer comes",
        "remortgage to release some equity", "first time buyer, how big a deposit do I need", "valuation on the flat in {c} came back low",
        "add my partner to the home loan")),
    "savings_interest": ("Savings and interest", (
        "what interest do I get on savings", "open an ISA", "when is interest paid into my saver", "your savings rate dropped without notice",
        "best account to put {a} away for a year", "can I withdraw early from the fixed saver", "interest this month is lower than it should be",
        "is there a limit for the regular saver", "move {a} to a savings pot", "do you deduct tax from interest")),
    "close_account": ("An account to close", (
        "I want to close my account", "please delete my profile and all my data", "how do I switch to another bank",
        "close the joint account after our divorce", "my mother passed away, how do I close her account", "cancel my membership and send the balance on",
        "no longer need this account", "leaving you because of the fees", "shut down my second account but keep the first",
        "what happens to my {a} when I close the account")),
    "business_account": ("An account for a business", (
        "open a business account for my company", "can sole traders bank with you", "add a colleague as a user on the company account",
        "invoice tools in the business app", "our limited company changed its director", "does the business plan include accounting software",
        "card reader for my market stall", "business account application rejected {d}", "how do we pay wages in bulk",
        "need two people to approve company payments")),
    "identity_check": ("Proof of identity", (
        "my identity verification keeps failing", "the app won't accept my passport photo", "why do you need to verify me again",
        "how long does the ID check take", "can I use a driving licence from {k}", "selfie video is rejected every time on my {v}",
        "you asked for proof of address, I only have a phone bill", "account restricted until I prove who I am", "verification pending since {d}",
        "which documents count as ID")),
    "travel_notice": ("A card used on a journey", (
        "I'm going to {k}, will my card work", "do I need to tell you before I travel", "travelling to {c} next week, please don't block me",
        "is contactless accepted in {k}", "can I use my card on a cruise", "which of your cards is good for holidays",
        "do you include travel insurance", "heading abroad {d} for a month", "card for backpacking through {k}",
        "need emergency cash if something happens in {c}")),
    "app_update_loop": ("The app that restarts after the update", (
        "since the update the app opens and closes straight away", "new version of the app keeps crashing on my {v}",
        "stuck on the loading logo after updating", "update installed {d} and now it loops back to the splash screen",
        "app restarts over and over since version nine", "latest release froze my {v}, can't get past the start screen",
        "I updated and the app asks me to update again, endlessly", "please roll back the update, it crashes at launch",
        "reinstalled three times, new app still shuts down by itself", "ever since last night's update nothing but a spinning wheel")),
    "phishing_text": ("Text messages that pretend to be the bank", (
        "got a text saying my account is suspended with a weird link", "is this SMS about a new payee really from you",
        "received a suspicious message asking me to confirm a parcel fee", "someone texted pretending to be your fraud team",
        "I clicked a link in a text and entered my details", "scam SMS with your bank's name, thought you should know",
        "a message told me to move money to a safe account", "text says press here to cancel payment of {a}, looks fake",
        "my mum gave her code to a caller after a fake text", "where do I forward phishing messages")),
}  # fmt: skip

SLOTS: dict[str, tuple[str, ...]] = {
    "m": ("Tesco", "Amazon", "the corner shop", "IKEA", "a petrol station", "Netflix", "the pharmacy", "Zara", "the cinema", "Uber", "my gym", "a bakery"),
    "a": ("£20", "£35.50", "£49.99", "£80", "£120", "£250", "£12.40", "£1,300", "15 pounds", "two hundred quid", "£640", "£7"),
    "c": ("Leeds", "Manchester", "Bristol", "Cardiff", "Glasgow", "York", "London", "Lisbon", "Rome", "Berlin", "Paris", "Dublin"),
    "d": ("on Monday", "last Tuesday", "on Friday", "last week", "this morning", "over the weekend", "on the 3rd", "two days ago", "last night", "on Thursday"),
    "v": ("iPhone", "Pixel", "Samsung", "old phone", "tablet", "iPad", "new handset"),
    "k": ("Spain", "Japan", "the US", "Turkey", "Poland", "Greece", "Morocco", "Canada"),
    "p": ("my brother", "my landlord", "a friend", "my daughter", "the builder", "my flatmate", "a supplier", "my mum"),
}  # fmt: skip

OPENERS = (
    "", "", "", "", "", "", "Hi, ", "Hello, ", "Hi there, ", "Good morning, ", "Please help, ", "Quick question: ",
    "Sorry to bother you but ", "Not happy. ", "Hi team, ", "Dear support, ", "Hello again, ", "Urgent: ",
)  # fmt: skip
DETAILS = (
    "", "", "", "", "", "", ". I have been a customer for years", ". This is the second time", ". I already looked in the help pages",
    ". I really need this sorted before the weekend", ". Nobody answered the phone", ". It happened {d}", ". I am on my {v}",
    ". I live in {c}", ". I called twice already", ". My partner has the same problem",
)  # fmt: skip
CLOSERS = (
    "", "", "", "", "", "?", ".", "!", ". Thanks", ". Thank you", ", please advise", ". Any ideas?", ". Cheers", ". Regards",
    ". What should I do?", ". Can you help?",
)  # fmt: skip

FOREIGN = (
    "Hola, mi tarjeta nueva todavía no ha llegado a casa", "No puedo entrar en la aplicación desde ayer por la tarde",
    "Me han cobrado dos veces la misma compra en el supermercado", "Quiero cerrar mi cuenta y recibir el saldo restante",
    "Meine neue Karte ist immer noch nicht angekommen", "Ich habe meine Geheimzahl vergessen, was soll ich jetzt tun",
    "Warum wurde meine Zahlung gestern im Laden abgelehnt", "Bitte ändern Sie meine Adresse, ich bin umgezogen",
    "Ma carte bancaire a été refusée hier soir au restaurant", "Je voudrais recevoir mes relevés de compte par courrier",
    "Comment puis-je augmenter mon découvert autorisé", "On m'a volé mon portefeuille, bloquez ma carte s'il vous plaît",
    "Moja karta została odrzucona w sklepie, proszę o pomoc", "Dlaczego pobrano opłatę za wypłatę z bankomatu",
    "Nie mogę zalogować się do aplikacji od wczoraj", "Chciałbym zmienić adres do korespondencji",
)  # fmt: skip
