"""Names, places and contents from which goals are made up; all written for this project."""

from __future__ import annotations

FIRST_NAMES = (
    "Ada", "Bruno", "Carla", "Dmitri", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kira",
    "Leo", "Marta", "Nils", "Olga", "Pablo", "Quinn", "Rosa", "Stefan", "Tara", "Ulrich", "Vera",
    "Wanda", "Xenia", "Yusuf", "Zoe", "Amir", "Bianca", "Cedric", "Dalia", "Emil", "Fiona",
    "Gustav", "Hanna", "Ivan", "Judith", "Karim", "Lena", "Mateo", "Nadia", "Oscar", "Priya",
    "Rafael", "Selma", "Theo", "Uma", "Viktor", "Yara", "Anton", "Clara", "Henry", "Grace",
    "Samuel", "Alice", "Peter", "Laura", "Kevin", "Diana", "Martin", "Julia",
)  # fmt: skip
LAST_NAMES = (
    "Abbott", "Becker", "Castillo", "Dalton", "Eriksen", "Fontaine", "Gruber", "Haddad", "Ibsen",
    "Jansen", "Keller", "Lindqvist", "Moreau", "Novak", "Okafor", "Petrov", "Quigley", "Rossi",
    "Silva", "Tanaka", "Ueda", "Vargas", "Weber", "Ximenes", "Yilmaz", "Zeller", "Archer",
    "Bellamy", "Costa", "Draper", "Ellis", "Fischer", "Garner", "Hayes", "Irving", "Jacobs",
    "Kowalski", "Larsen", "Mercer", "Nolan", "Orton", "Parker", "Reyes", "Schmidt", "Turner",
    "Walsh", "Young", "Brooks", "Carter",
)  # fmt: skip
DOCTORS = tuple(f"Dr. {name}" for name in LAST_NAMES)

AGENDA = (
    "Piano lesson", "Parent evening", "Yoga class", "Visit the notary", "Car inspection",
    "Choir rehearsal", "Breakfast with the team", "Apartment viewing", "Eye test", "Book club",
    "Tennis match", "Interview with a candidate", "Museum tour", "Blood donation", "Haircut",
    "Coffee with an old friend", "Contract signing", "Guitar practice", "School concert",
    "Pick up the parcel", "Swimming training", "Lecture on astronomy", "Wine tasting",
    "Language exchange", "Budget planning", "Site inspection", "Photo shoot", "Board game night",
    "Tax consultation", "Garden party", "Volunteer shift", "Farewell lunch", "Flat handover",
    "Project kickoff", "Career counselling", "Vet visit", "Theater evening", "Pottery workshop",
)  # fmt: skip
REMINDERS = (
    "Water the plants", "Renew the passport", "Take the medicine", "Pick up the kids",
    "Return the library books", "Send the invoice", "Charge the camera", "Back up the laptop",
    "Order cat food", "Cancel the trial subscription", "Pay the rent", "Call the plumber",
    "Wish Marta a happy birthday", "Check the tire pressure", "Bring the umbrella", "Buy stamps",
    "Defrost the chicken", "Print the tickets", "Email the landlord", "Take out the trash",
    "Update the spreadsheet", "Sign the contract", "Book a table for two", "Fetch the suit",
    "Write a postcard", "Clean the aquarium", "Turn in the homework", "Stretch for ten minutes",
    "Ask for the receipt", "Buy a birthday cake", "Call grandma", "Submit the expense claim",
)  # fmt: skip
TOPICS = (
    "Quarterly Review", "Hiring Plan", "Website Relaunch", "Security Audit", "Customer Feedback",
    "Roadmap Discussion", "Budget Approval", "Onboarding Session", "Supplier Negotiation",
    "Brand Workshop", "Sprint Planning", "Annual Report", "Data Migration", "Office Move",
    "Partnership Talks", "Pricing Strategy", "Release Retrospective", "Legal Update",
    "Training Program", "Inventory Check", "Design Critique", "Sustainability Report",
    "Crisis Drill", "Warehouse Automation", "Event Logistics", "Grant Proposal",
)  # fmt: skip
_PLACES = (
    "Room 204", "the rooftop terrace", "Blue Hall", "the library", "Maple Street 12", "Studio 5",
    "the town hall", "Meeting Room B", "Innovation Lab", "the community center", "Gate Tower",
    "the main auditorium", "Harbor Office", "the sports center", "Room 3.17", "Oak Avenue 48",
    "the music school", "Floor 7", "Zoom", "the old mill", "Seminar Room 2", "Cafe Luna",
    "the city museum", "Riverside Park", "the training center", "Hall C", "Lakeside Pavilion",
)  # fmt: skip
PLACES = {place.removeprefix("the "): place for place in _PLACES}
"""What tools are told, and how people say it."""
HOTELS = (
    "Alpenblick", "Harbor View Inn", "Grand Meridian", "Casa Verde", "Northern Lights Lodge",
    "The Old Mill", "Seaside Palace", "Hotel Aurora", "Maple Court", "City Garden Hotel",
    "Lakeside Resort", "The Blue Heron", "Plaza Central", "Desert Rose", "Royal Oak Hotel",
    "Sunset Bay Resort", "Hotel Miramar", "Kingsway Lodge", "Crystal Tower", "Bellevue",
)  # fmt: skip
SONGS = (
    "Bohemian Rhapsody", "Imagine", "Clair de Lune", "Rolling in the Deep", "Hey Jude",
    "Viva la Vida", "Moon River", "Billie Jean", "Hotel California", "Dancing Queen",
    "Sweet Caroline", "Let It Be", "Yellow Submarine", "Blue Danube", "Take Five", "Halo",
    "Summertime", "Yesterday", "Someone Like You", "Fields of Gold", "Wonderwall", "Thriller",
    "Smooth Operator", "Africa", "Perfect Day", "Nocturne No. 2", "Here Comes the Sun",
)  # fmt: skip
WORDS = (
    "serendipity", "gregarious", "obsolete", "meticulous", "ephemeral", "candid", "resilient",
    "lucid", "ambiguous", "frugal", "diligent", "nostalgia", "pragmatic", "tedious", "vivid",
)  # fmt: skip
SEARCHES = (
    "renewable energy storage", "history of the bicycle", "benefits of cold showers",
    "urban gardening", "machine translation", "sleep and memory", "electric cars",
    "remote work trends", "artificial intelligence in medicine", "climate policy",
    "healthy breakfast", "meditation for beginners", "quantum computers", "social media and teens",
    "vaccination campaigns", "sustainable cities", "robot surgery", "stress at work",
    "data privacy in hospitals", "financing development",
)  # fmt: skip
SENTENCES = (
    "Where is the train station?", "Good morning", "The meeting was moved to Friday.",
    "I would like a cup of tea.", "How much does this cost?", "Happy birthday",
    "Thank you very much", "We are looking forward to your visit.",
    "The weather is beautiful today.", "See you tomorrow", "My suitcase got lost.",
    "Is breakfast included?", "Congratulations on your promotion",
)  # fmt: skip
LANGUAGES = (
    ("English", "en"),
    ("Spanish", "es"), ("French", "fr"), ("German", "de"), ("Italian", "it"), ("Japanese", "ja"),
    ("Portuguese", "pt"), ("Korean", "ko"), ("Dutch", "nl"), ("Russian", "ru"),
)  # fmt: skip
QUESTIONS = (
    "Who is the author?", "What is the conclusion?", "Which methods were used?",
    "What does it say about costs?", "When was it published?", "What problem does it address?",
    "Which examples are given?", "What is the main argument?", "Is there a summary?",
)  # fmt: skip
SUBJECTS = (
    ("Invoice for May", "Please find the invoice attached."),
    ("Change of plans", "I will arrive one day later than we agreed."),
    ("Thank you", "It was a pleasure to work with you on this."),
    ("Keys to the flat", "The keys are with the neighbor on the second floor."),
    ("Holiday request", "I would like to take the first week of August off."),
    ("Draft of the brochure", "Could you look over the draft by Thursday?"),
    ("Table reservation", "We would like a table for six at seven."),
    ("Broken printer", "The printer on floor three does not work again."),
    ("Training materials", "The slides are in the shared folder."),
    ("Delivery date", "When will the chairs be delivered?"),
    ("Congratulations", "All the best for your new position."),
    ("Lost umbrella", "I left a green umbrella in your office."),
)  # fmt: skip
SCENES = (
    "reading corner", "dinner party", "wake up", "leaving home", "cozy evening", "workout",
    "rainy day", "game night", "focus mode", "sleepover", "barbecue", "spring cleaning",
    "piano practice", "homework hour", "sunday brunch", "holiday", "night watch", "spa evening",
)  # fmt: skip
DEVICES = (
    "lamp", "heater", "fan", "speaker", "television", "curtains", "dishwasher", "air purifier",
    "kettle", "projector", "thermostat", "robot vacuum", "washing machine", "towel warmer",
    "garage door", "aquarium light", "sprinkler", "doorbell", "toaster", "dehumidifier",
)  # fmt: skip
ROOMS = ("kitchen", "living room", "bedroom", "bathroom", "study", "hallway", "garden", "nursery")
MEASURES = (
    ("blood_pressure", ("118/76", "125/82", "132/88", "110/70", "141/93", "122/79")),
    ("heart_rate", ("64", "72", "77", "85", "91", "68")),
    ("weight", ("58.4", "63", "71.5", "80.2", "92", "66.3")),
    ("body_temperature", ("36.6", "37.1", "38.2", "36.9", "37.8")),
    ("blood_sugar", ("92", "101", "88", "115", "97")),
    ("cholesterol", ("170", "185", "199", "210")),
    ("oxygen_saturation", ("97", "98", "95", "99")),
)  # fmt: skip
STREETS = (
    "Cedar Lane", "Station Road", "Birch Street", "Hill Avenue", "Market Square", "Mill Road",
    "Church Street", "Garden Way", "Lake Drive", "Queen Street",
)  # fmt: skip
DOMAINS_OF_MAIL = (
    "mailbox.org",
    "post.net",
    "webmail.com",
    "letters.io",
    "example.com",
    "inbox.org",
)
PASSWORD_WORDS = (
    "sunrise",
    "harbor",
    "walnut",
    "comet",
    "violin",
    "granite",
    "meadow",
    "pixel",
    "lantern",
    "orchid",
    "falcon",
    "cobalt",
    "maple",
    "ginger",
    "summit",
)
