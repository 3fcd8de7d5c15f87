"""Twenty lines that someone who has read a hundred messages writes in an afternoon: words that leave no doubt."""

import re

RULES = [  # (all of these words, the intent)
    (r"apple|google pay|samsung", "apple_pay_or_google_pay"),
    (r"contactless", "contactless_not_working"),
    (r"swallow|ate my card|atm (took|kept)|machine (took|kept)", "card_swallowed"),
    (r"passcode", "passcode_forgotten"),
    (r"direct debit", "direct_debit_payment_not_recognised"),
    (r"auto(matic)?[- ]?top", "automatic_top_up"),
    (r"cheque.*balance|balance.*cheque|cash deposit", "balance_not_updated_after_cheque_or_cash_deposit"),
    (r"charged (twice|two times|double)|double charge", "transaction_charged_twice"),
    (r"(delete|close|terminate|cancel) my account|leave you", "terminate_account"),
    (r"how old|age (limit|requirement)|my (son|daughter|child)", "age_limit"),
    (r"(lost|stole|missing).*phone|phone.*(lost|stole|missing)", "lost_or_stolen_phone"),
    (r"source of (my )?(funds|money)|where.*funds come from", "verify_source_of_funds"),
    (r"visa or master|mastercard", "visa_or_mastercard"),
    (r"pin.*(block|lock)|(un)?(b)?lock.*pin", "pin_blocked"),
    (r"change (my )?pin", "change_pin"),
    (r"activat", "activate_my_card"),
    (r"expire", "card_about_to_expire"),
    (r"why.*verif.*identit|why.*identity", "why_verify_identity"),
    (r"what countr|which countr|countries", "country_support"),
    (r"(change|update|edit).*(name|address|details)|moved", "edit_personal_details"),
]


def intent_of(text):
    """None where exactly one line does not speak."""
    said = {intent for words, intent in RULES if re.search(words, text.lower())}
    return said.pop() if len(said) == 1 else None
