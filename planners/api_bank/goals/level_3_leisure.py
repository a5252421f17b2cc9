"""Level 3: films that somebody likes and knows, posts and their likes."""

from __future__ import annotations

from .draw import Draw
from .task import Caller, Facts, task


def _film_names(draw: Draw) -> list[str]:
    tables = draw.data.level_3
    return [
        name
        for name in tables["UserMoviePreferences"]["database"]
        if name in tables["UserWatchedMovies"]["database"]
    ]


@task(
    "watched", "information", "UserWatchedMovies", level=3, weight=0.7,
    does=(
        "list the movies that {user_name} has watched",
        "look up which films {user_name} has seen", "show the watched movies of {user_name}",
        "look up somebody's watched movies",
    ),
    says=(
        "What has {user_name} watched already?", "Which films does {user_name} know?",
        "I want to give {user_name} a film. Which ones are seen already?",
    ),
)  # fmt: skip
def watched(draw: Draw) -> Facts:
    name = draw.pick(_film_names(draw))
    return Facts({"user_name": name}, user_name=name)


@task(
    "preferences", "information", "UserMoviePreferences", level=3, weight=0.7,
    does=(
        "find out which kinds of movies {user_name} likes",
        "look up the movie preferences of {user_name}", "show the favorite genres of {user_name}",
        "look up somebody's taste in movies",
    ),
    says=(
        "What films does {user_name} like?", "Which genres are to the taste of {user_name}?",
        "We choose a film for {user_name}. What kind would be right?",
    ),
)  # fmt: skip
def preferences(draw: Draw) -> Facts:
    name = draw.pick(_film_names(draw))
    return Facts({"user_name": name}, user_name=name)


@task(
    "films", "information", "MovieRecommendations", level=3,
    does=(
        "recommend movies of the genres {preferences}",
        "suggest films for somebody who likes {preferences}",
        "find {preferences} movies worth seeing", "recommend a movie",
    ),
    says=(
        "I like {preferences}. Which movies should I see?", "Movie night! We want {preferences}.",
        "Which {preferences} films are good?",
    ),
)  # fmt: skip
def films(draw: Draw) -> Facts:
    genres = list(draw.data.level_3["MovieRecommendations"]["database"])
    chosen = draw.some(genres, 1, 2)
    return Facts({"preferences": " and ".join(chosen)}, preferences=chosen)


@task(
    "films-for", "information", "UserMoviePreferences", "UserWatchedMovies", "MovieRecommendations",
    level=3, weight=2.0,
    does=("recommend movies to {user_name} that fit their taste and are new to them",
          "suggest films for {user_name} by preference, without those already watched",
          "find out what {user_name} likes and has seen, and recommend something else",
          "compile movie recommendations from the preferences of {user_name} and leave out what "
          "{user_name} has seen"),
    says=("What should {user_name} watch next? Mind the preferences and what is seen already.",
          "{user_name} wants a film tonight, to their taste and not a second time.",
          "Which recommended movies has {user_name} not seen yet?"),
)  # fmt: skip
def films_for(draw: Draw) -> Facts:
    name = draw.pick(_film_names(draw))

    def solve(call: Caller) -> None:
        liked = call("UserMoviePreferences", user_name=name)["preferences"]
        call("UserWatchedMovies", user_name=name)
        call("MovieRecommendations", preferences=liked)

    return Facts({"user_name": name}, solve)


@task(
    "posts", "information", "UserPosts", level=3, weight=0.7,
    does=(
        "list the posts of user {user_id}", "look up which posts user {user_id} has written",
        "get the post IDs of user {user_id}", "look up a user's posts",
    ),
    says=(
        "What has user {user_id} posted?", "Which posts belong to the user with ID {user_id}?",
        "I'm user {user_id}. Which posts are mine?",
    ),
)  # fmt: skip
def posts(draw: Draw) -> Facts:
    number = int(draw.pick(list(draw.data.level_3["UserPosts"]["database"])))
    return Facts({"user_id": str(number)}, user_id=number)


@task(
    "likes", "information", "LikeCount", level=3, weight=0.7,
    does=(
        "count the likes of post {post_id}", "look up how many likes post {post_id} has",
        "get the like count of post {post_id}", "check the likes of a post",
    ),
    says=(
        "How many people like post {post_id}?", "Is post {post_id} popular? How many likes?",
        "My post {post_id}: how many likes so far?",
    ),
)  # fmt: skip
def likes(draw: Draw) -> Facts:
    number = int(draw.pick(list(draw.data.level_3["LikeCount"]["database"])))
    return Facts({"post_id": str(number)}, post_id=number)


@task(
    "all-likes", "information", "UserPosts", "LikeCount", "Calculator", level=3, weight=2.0,
    does=(
        "add up the likes of all posts by user {user_id}",
        "work out how many likes user {user_id} has in total",
        "count the likes that user {user_id} got over all posts",
        "determine the sum of the likes for the user with the ID {user_id}",
    ),
    says=(
        "How many likes did user {user_id} collect altogether?",
        "Sum of likes for user {user_id}: what is it?",
        "I am user {user_id}. How popular am I, in likes over all my posts?",
    ),
)  # fmt: skip
def all_likes(draw: Draw) -> Facts:
    number = int(draw.pick(list(draw.data.level_3["UserPosts"]["database"])))

    def solve(call: Caller) -> None:
        counts = [
            call("LikeCount", post_id=post)["like_count"]
            for post in call("UserPosts", user_id=number)["post_ids"]
        ]
        call("Calculator", formula="+".join(str(count) for count in counts))

    return Facts({"user_id": str(number)}, solve)
