"""What is said about each tool's result: slots are arguments, parts of the output, or all of it."""

from __future__ import annotations

TOLD: dict[str, tuple[str, ...]] = {
    "AddAgenda": (
        'I have added "{content}" to your agenda for {time} at {location}.',
        "It's in your agenda now: {content}, {time}, {location}.",
        "Your agenda has been updated.",
    ),
    "AddAlarm": (
        "Your alarm is set for {time}.", "The alarm has been set for {time}.",
        "Done, the alarm will ring on {time}.",
    ),
    "AddMeeting": (
        'The meeting "{meeting_topic}" is booked for {start_time} at {location}.',
        "Your meeting about {meeting_topic} has been reserved from {start_time} to {end_time}.",
        "I have booked the meeting with {attendees}.",
    ),
    "AddReminder": (
        'I will remind you of "{content}" on {time}.',
        'The reminder "{content}" has been added for {time}.', "Your reminder has been set.",
    ),
    "AddScene": ('The scene "{name}" has been added.', "I have created the scene {name}."),
    "AppointmentRegistration": (
        "{patient_name} has an appointment with {doctor_name} on {date}. The appointment ID is "
        "{output}.",
        "The appointment is registered, and its ID is {output}.",
    ),
    "BookHotel": (
        "Your stay at {hotel_name} from {check_in_time} to {check_out_time} is booked. The "
        "order ID is {output}.",
        "The booking was successful; your order ID is {output}.",
        "I have reserved {hotel_name} for you. Order number: {output}.",
    ),
    "Calculator": (
        "The result is {output}.", "{formula} is {output}.", "That makes {output}.",
        "It comes to {result}.", "The result of {formula} is {result}.",
    ),
    "CancelRegistration": (
        "The appointment {appointment_id} has been cancelled.", "Your appointment is cancelled.",
    ),
    "CancelTimedSwitch": (
        "The timed switch of the {name} on {time} has been cancelled.",
        "The timer of the {name} is cancelled.",
    ),
    "CheckToken": ("The token belongs to {output}.", "It is valid and belongs to {username}."),
    "DeleteAccount": ("Your account has been deleted.", "The account is deleted."),
    "DeleteAgenda": (
        '"{content}" has been removed from your agenda.',
        "I have deleted {content} on {time} from your agenda.",
    ),
    "DeleteAlarm": ("The alarm for {time} has been deleted.", "Your alarm on {time} is removed."),
    "DeleteMeeting": (
        'The meeting "{meeting_topic}" has been cancelled.',
        "I have deleted the reservation for {meeting_topic}.",
    ),
    "DeleteReminder": (
        'The reminder "{content}" has been deleted.', "I have removed your reminder for {time}.",
    ),
    "DeleteScene": ('The scene "{name}" has been deleted.', "I have removed the scene {name}."),
    "Dictionary": (
        'This is what the dictionary says about "{keyword}": {output}.',
        "The entry reads: {output}.",
    ),
    "DocumentQA": ("{output}", "The document says: {output}"),
    "EmergencyKnowledge": (
        "Here is what helps with {symptom}: {output}",
        "For {symptom}, this is recommended: {output}",
    ),
    "ForgotPassword": (
        "A verification code was sent to {email}: {output}. Please give me the code and your "
        "new password.",
        "The verification code for {username} is {output}. Which new password would you like?",
        "Your password has been reset to {new_password}.",
        "The new password {new_password} is set.",
    ),
    "GetToday": ("Today is {output}.", "The date is {output}."),
    "GetUserToken": ("Your token is {token}.", "You are logged in. The token is {token}."),
    "ImageCaption": ("The picture shows: {output}", "A caption for the image: {output}"),
    "ModifyAgenda": (
        '"{content}" is now in your agenda for {time} at {location}.',
        "Your agenda has been changed.",
    ),
    "ModifyAlarm": (
        "Your alarm has been moved from {from_time} to {to_time}.",
        "The alarm is now set for {to_time}.",
    ),
    "ModifyMeeting": (
        'The meeting "{meeting_topic}" is now from {start_time} to {end_time}.',
        "Your meeting has been modified.",
    ),
    "ModifyPassword": ("Your password has been changed.", "The new password is set."),
    "ModifyRegistration": (
        "The appointment is now on {new_appointment_date} with {new_appointment_doctor}.",
        "Your appointment {appointment_id} has been modified.",
    ),
    "ModifyReminder": (
        'The reminder "{content}" is now set for {time}.', "Your reminder has been modified.",
    ),
    "ModifyScene": ('The scene "{name}" has been changed.', "I have updated the scene {name}."),
    "OpenBankAccount": (
        "The bank account {account} for {name} has been opened.",
        "Your bank account has been opened.",
    ),
    "PlayMusic": ("Now playing {music_name}.", 'I am playing "{music_name}" for you.'),
    "QueryAgenda": (
        "You have {content} at {location} in your agenda.", "Yes: {content}, {time}, {location}.",
    ),
    "QueryAlarm": ("Yes, you have an alarm on {time}.", "There is an alarm set for {time}."),
    "QueryBalance": (
        "Your balance is {output}.", "There is {output} in your account.",
        "Your account balance is {balance}.",
    ),
    "QueryHealthData": (
        "Here is the health data of {user_id}: {output}.", "I found these records: {output}.",
    ),
    "QueryHistoryToday": ("This happened on that day: {output}", "Here are the events: {output}"),
    "QueryMeeting": (
        'Your meeting "{meeting_topic}" is from {start_time} to {end_time} at {location} with '
        "{attendees}.",
        "{user_name} has these meetings: {meetings}.", "I found the meeting: {output}.",
    ),
    "QueryRegistration": (
        "I found this appointment: {output}.",
        "{patient_name} has the following appointment: {output}.",
    ),
    "QueryReminder": (
        'Yes, you have the reminder "{content}" for {time}.',
        "There is a reminder {content} on {time}.",
    ),
    "QueryScene": (
        'The scene "{name}" has these devices: {output}.',
        "These devices belong to {name}: {output}.",
    ),
    "QueryStock": (
        "The stock price of {stock_code} on {date} was {output}.",
        "{stock_code} was at {output} on {date}.",
    ),
    "RecordHealthData": (
        "The health data has been recorded.", "I have recorded the health data for {user_id}.",
    ),
    "RegisterUser": (
        "The user {username} has been registered. The token is {token}.",
        "Your account has been created. Your token is {token}.",
    ),
    "SearchEngine": ("Here is what I found: {output}", "These are the best results: {output}"),
    "SendEmail": (
        "The email to {receiver} has been sent.", 'I have sent "{subject}" to {receiver}.',
    ),
    "SpeechRecognition": ('The recording says: "{output}"', 'Here is the transcript: "{output}"'),
    "SymptomSearch": (
        "{symptom} can be a sign of: {output}", "Possible causes of {symptom}: {output}",
    ),
    "TimedSwitch": (
        "The {name} will be switched {on} on {time}.",
        "I have set the timer of the {name} for {time}.",
    ),
    "Translate": ('The translation is "{output}".', 'That is "{output}".'),
    "Wiki": ("Here is what the wiki says: {summary} See {url}.", "From the wiki: {summary}"),
    "ToolSearcher": ("I found a tool: {name}.",),
    "AccountInfo": (
        "The account of {username} has the email {email} and the phone number {phone}.",
        "{username} is registered with {email} and the phone {phone}.",
        "Here is the account information: {output}.",
    ),
    "ClothingRecommendation": (
        "I recommend: {clothing_options}.", "You should wear {clothing_options}.",
    ),
    "EmailReminder": (
        "A reminder for {time} has been sent to {recipient}.",
        "{recipient} has been reminded of {time} at {location}.",
    ),
    "FlightSearch": (
        "These flights are available: {flights}.",
        "Flights from {source} to {destination}: {flights}.",
    ),
    "Geocoding": (
        "{address} is at latitude {latitude} and longitude {longitude}.",
        "The coordinates are {latitude}, {longitude}.",
    ),
    "GetOccupationSalary": (
        "The salary of a {occupation} is {salary}.", "A {occupation} earns {salary}.",
    ),
    "GetWeatherForCoordinates": (
        "The weather is {description}, with {temperature} degrees and a humidity of {humidity}.",
        "It is {description} at {temperature} degrees; the humidity is {humidity}.",
    ),
    "HotelAvailability": (
        "Available hotels in {destination}: {hotels}.",
        "From {check_in_date} to {check_out_date} there are: {hotels}.",
    ),
    "LikeCount": ("Post {post_id} has {like_count} likes.",),
    "MovieRecommendations": (
        "I recommend these movies: {recommended_movies}.",
        "Recommended movies are {recommended_movies}.",
    ),
    "NearbyRestaurants": (
        "These restaurants are nearby: {restaurants}.",
        "I found these restaurants: {restaurants}.",
    ),
    "OrganizationMembers": ("The members of {organization} are {members}.",),
    "PersonalInfoUpdate": (
        "The address of {username} is now {address}.",
        "The address has been updated to {address}.",
    ),
    "TaxCalculator": (
        "After tax, {salary_after_tax} of {salary} is left.",
        "The salary after tax is {salary_after_tax}.",
    ),
    "TravelStatus": ("The status of {member_name} is: {output}.", "{member_name}: {output}."),
    "UserMoviePreferences": ("{user_name} likes {preferences}.",),
    "UserPosts": ("The posts of user {user_id} are {post_ids}.",),
    "UserWatchedMovies": (
        "{user_name} has watched {output}.", "Already watched by {user_name}: {output}.",
    ),
}  # fmt: skip
