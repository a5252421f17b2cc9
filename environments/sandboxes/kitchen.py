"""The kitchen: recipes, a pantry, a shopping list and timers."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from ..sandbox import Sandbox, Scene, ToolError
from .fields import Date, Done

_RECIPES = (
    ("tomato soup", "vegan", 25, ("tomatoes", "onions", "basil")),
    ("lentil curry", "vegan", 40, ("lentils", "onions", "rice")),
    ("mushroom risotto", "vegetarian", 45, ("mushrooms", "rice", "butter")),
    ("fish pie", "none", 70, ("cod", "potatoes", "butter")),
    ("pancakes", "vegetarian", 20, ("flour", "eggs", "milk")),
    ("roast chicken", "none", 90, ("chicken", "potatoes", "lemon")),
    ("potato salad", "vegetarian", 35, ("potatoes", "eggs", "mustard")),
    ("vegetable stir fry", "vegan", 15, ("peppers", "noodles", "ginger")),
)

KITCHEN = Sandbox(
    "kitchen",
    """
    create table recipes (id text primary key, title text not null, diet text not null,
        minutes integer not null, ingredients text not null);
    create table pantry (item text primary key, amount real not null, unit text not null);
    create table shopping (id text primary key, item text not null, amount real not null);
    create table meals (id text primary key, recipe_id text not null, date text not null,
        servings integer not null);
    create table timers (id text primary key, label text not null, minutes integer not null);
    """,
    {
        "recipes": [
            {"id": f"R{i + 1}", "title": title, "diet": diet, "minutes": minutes,
             "ingredients": ", ".join(ingredients)}
            for i, (title, diet, minutes, ingredients) in enumerate(_RECIPES)
        ],
        "pantry": [
            {"item": item, "amount": amount, "unit": unit}
            for item, amount, unit in (
                ("flour", 1000.0, "gram"), ("rice", 750.0, "gram"), ("milk", 1.0, "litre"),
                ("eggs", 6.0, "piece"), ("lentils", 500.0, "gram"), ("butter", 250.0, "gram"),
            )
        ],
    },
)  # fmt: skip


class Recipe(TypedDict):
    recipe_id: str
    title: str
    minutes: int


class Recipes(TypedDict):
    recipes: list[Recipe]


class Ingredients(TypedDict):
    ingredients: list[str]


class MealPlanned(TypedDict):
    meal_id: str


class InPantry(TypedDict):
    item: str
    amount: float
    unit: str


class OnList(TypedDict):
    entry_id: str


class TimerStarted(TypedDict):
    timer_id: str


class Converted(TypedDict):
    grams: float


RecipeId = Annotated[str, "Id of the recipe, such as R3"]


def _recipe(scene: Scene, recipe_id: str) -> dict[str, object]:
    row = scene.row("select * from recipes where upper(id) = upper(?)", recipe_id)
    if row is None:
        raise ToolError(f"There is no recipe {recipe_id}.")
    return row


@KITCHEN.tool
def findRecipes(
    scene: Scene,
    ingredient: Annotated[str, Field(description="An ingredient it must have", min_length=1)],
    diet: Annotated[Literal["none", "vegetarian", "vegan"], "Diet it must fit"] = "none",
) -> Recipes:
    """Find recipes with an ingredient."""
    allowed = {"none": ("none", "vegetarian", "vegan"), "vegetarian": ("vegetarian", "vegan"),
               "vegan": ("vegan",)}[diet]  # fmt: skip
    found = scene.rows(
        "select id as recipe_id, title, minutes, diet from recipes"
        " where instr(lower(ingredients), lower(?)) order by id",
        ingredient,
    )
    kept = [{k: v for k, v in r.items() if k != "diet"} for r in found if r["diet"] in allowed]
    return {"recipes": kept}  # type: ignore[typeddict-item]


@KITCHEN.tool
def getIngredients(scene: Scene, recipe_id: RecipeId) -> Ingredients:
    """Get the ingredients of a recipe."""
    return {"ingredients": str(_recipe(scene, recipe_id)["ingredients"]).split(", ")}


@KITCHEN.tool
def planMeal(
    scene: Scene,
    recipe_id: RecipeId,
    date: Date,
    servings: Annotated[int, Field(description="How many people eat", ge=1, le=30)],
) -> MealPlanned:
    """Plan a meal from a recipe for a day."""
    recipe = _recipe(scene, recipe_id)
    identity = scene.next_id("meals")
    scene.change("insert into meals values (?, ?, ?, ?)", identity, recipe["id"], date, servings)
    return {"meal_id": identity}


@KITCHEN.tool
def checkPantry(scene: Scene, item: Annotated[str, "What to look for"]) -> InPantry:
    """Check how much of something is in the pantry."""
    row = scene.row("select item, amount, unit from pantry where item = lower(?)", item)
    if row is None:
        raise ToolError(f"There is no {item} in the pantry.")
    return row  # type: ignore[return-value]


@KITCHEN.tool
def addToShoppingList(
    scene: Scene,
    item: Annotated[str, "What to buy"],
    amount: Annotated[float, Field(description="How much or how many", gt=0)] = 1.0,
) -> OnList:
    """Write something on the shopping list."""
    identity = scene.next_id("shopping")
    scene.change("insert into shopping values (?, ?, ?)", identity, item.lower(), amount)
    return {"entry_id": identity}


@KITCHEN.tool
def clearShoppingList(scene: Scene) -> Done:
    """Remove everything from the shopping list."""
    scene.change("delete from shopping")
    return {"status": "cleared"}


@KITCHEN.tool
def startTimer(
    scene: Scene,
    label: Annotated[str, "What the timer is for"],
    minutes: Annotated[int, Field(description="Minutes until it rings", ge=1, le=600)],
) -> TimerStarted:
    """Start a kitchen timer."""
    identity = scene.next_id("timers")
    scene.change("insert into timers values (?, ?, ?)", identity, label.lower(), minutes)
    return {"timer_id": identity}


_GRAMS = {"cup": 240.0, "tablespoon": 15.0, "teaspoon": 5.0, "ounce": 28.35, "pound": 453.6}


@KITCHEN.tool
def convertToGrams(
    scene: Scene,
    amount: Annotated[float, Field(description="How much", gt=0)],
    unit: Annotated[
        Literal["cup", "tablespoon", "teaspoon", "ounce", "pound"], "Unit to convert from"
    ],
) -> Converted:
    """Convert a kitchen measure to grams."""
    return {"grams": round(amount * _GRAMS[unit], 2)}
