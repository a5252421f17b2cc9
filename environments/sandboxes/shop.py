"""The shop: a catalogue, customers' orders, and a cart.

Products are found by what they are called and ordered by their SKU, so that an order for
something named in words takes two calls.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from ..sandbox import Sandbox, Scene, ToolError
from .fields import Date, Done

_NAMES = (
    ("desk lamp", "lighting", 39.5), ("floor lamp", "lighting", 89.0),
    ("office chair", "furniture", 179.0), ("bookshelf", "furniture", 120.0),
    ("standing desk", "furniture", 449.0), ("water kettle", "kitchenware", 34.9),
    ("frying pan", "kitchenware", 28.0), ("coffee grinder", "kitchenware", 54.0),
    ("wool blanket", "textiles", 62.5), ("bath towel", "textiles", 14.0),
    ("garden hose", "garden", 24.9), ("bird feeder", "garden", 19.0),
)  # fmt: skip

SHOP = Sandbox(
    "shop",
    """
    create table products (sku text primary key, name text not null, category text not null,
        price real not null, stock integer not null);
    create table orders (id text primary key, sku text not null, quantity integer not null,
        email text not null, status text not null, deliver_on text);
    create table cart (sku text primary key, quantity integer not null);
    create table reviews (id text primary key, sku text not null, stars integer not null,
        comment text not null);
    """,
    {
        "products": [
            {"sku": f"SKU-{100 + 7 * i}", "name": name, "category": category, "price": price,
             "stock": 3 + (5 * i) % 17}
            for i, (name, category, price) in enumerate(_NAMES)
        ],
        "orders": [
            {"id": str(5001 + i), "sku": f"SKU-{100 + 7 * i}", "quantity": 1 + i % 3,
             "email": email, "status": status, "deliver_on": None}
            for i, (email, status) in enumerate((
                ("ann@example.com", "open"), ("bilal@example.org", "shipped"),
                ("chiara@example.com", "open"), ("daniel@example.net", "open"),
                ("emil@example.org", "open"), ("fatima@example.com", "shipped"),
                ("george@example.net", "open"), ("hana@example.com", "open"),
            ))
        ],
    },
)  # fmt: skip

Sku = Annotated[str, "SKU of the product, such as SKU-107"]
OrderId = Annotated[str, "Number of the order"]
Quantity = Annotated[int, Field(description="How many pieces", ge=1, le=50)]


class Product(TypedDict):
    sku: str
    name: str
    price: float
    stock: int


class Products(TypedDict):
    products: list[Product]


class Ordered(TypedDict):
    order_id: str
    total: float


class OrderStatus(TypedDict):
    order_id: str
    status: str
    quantity: int


class CartLine(TypedDict):
    sku: str
    quantity: int


class Cart(TypedDict):
    lines: list[CartLine]
    total: float


class Reviewed(TypedDict):
    review_id: str


def _product(scene: Scene, sku: str) -> dict[str, object]:
    row = scene.row("select * from products where upper(sku) = upper(?)", sku)
    if row is None:
        raise ToolError(f"There is no product {sku}.")
    return row


def _open_order(scene: Scene, order_id: str) -> None:
    row = scene.row("select status from orders where id = ?", order_id)
    if row is None:
        raise ToolError(f"There is no order {order_id}.")
    if row["status"] != "open":
        raise ToolError(f"Order {order_id} is {row['status']} and cannot be changed.")


@SHOP.tool
def search_products(
    scene: Scene,
    query: Annotated[str, Field(description="Words in the product's name", min_length=1)],
    max_price: Annotated[float, "Highest price"] = 10000,
) -> Products:
    """Search the shop's products by name."""
    found = scene.rows(
        "select sku, name, price, stock from products"
        " where instr(lower(name), lower(?)) and price <= ? order by sku",
        query, max_price,
    )  # fmt: skip
    return {"products": found}  # type: ignore[typeddict-item]


@SHOP.tool
def place_order(
    scene: Scene,
    sku: Sku,
    quantity: Quantity,
    email: Annotated[str, Field(description="Customer's email address", pattern="^[^@ ]+@[^@ ]+$")],
) -> Ordered:
    """Order a product for a customer."""
    product = _product(scene, sku)
    taken = scene.change(
        "update products set stock = stock - ? where sku = ? and stock >= ?",
        quantity, product["sku"], quantity,
    )  # fmt: skip
    if not taken:
        raise ToolError(f"Only {product['stock']} pieces of {sku} are left.")
    identity = scene.next_id("orders")
    scene.change("insert into orders values (?, ?, ?, ?, 'open', null)",
                 identity, product["sku"], quantity, email)  # fmt: skip
    return {"order_id": identity, "total": round(quantity * float(str(product["price"])), 2)}


@SHOP.tool
def get_order_status(scene: Scene, order_id: OrderId) -> OrderStatus:
    """Get the status of an order."""
    row = scene.row("select id as order_id, status, quantity from orders where id = ?", order_id)
    if row is None:
        raise ToolError(f"There is no order {order_id}.")
    return row  # type: ignore[return-value]


@SHOP.tool
def cancel_order(scene: Scene, order_id: OrderId) -> Done:
    """Cancel an order that has not been shipped."""
    _open_order(scene, order_id)
    scene.change("update orders set status = 'cancelled' where id = ?", order_id)
    return {"status": "cancelled"}


@SHOP.tool
def set_delivery_date(scene: Scene, order_id: OrderId, date: Date) -> Done:
    """Choose the day on which an order is delivered."""
    _open_order(scene, order_id)
    scene.change("update orders set deliver_on = ? where id = ?", date, order_id)
    return {"status": "set"}


@SHOP.tool
def add_to_cart(scene: Scene, sku: Sku, quantity: Quantity) -> Cart:
    """Put a product into the shopping cart."""
    product = _product(scene, sku)
    scene.change(
        "insert into cart values (?, ?) on conflict (sku)"
        " do update set quantity = quantity + excluded.quantity",
        product["sku"], quantity,
    )  # fmt: skip
    return _cart(scene)


@SHOP.tool
def show_cart(scene: Scene) -> Cart:
    """Show what is in the shopping cart."""
    return _cart(scene)


def _cart(scene: Scene) -> Cart:
    lines = scene.rows("select sku, quantity from cart order by sku")
    total = scene.row("select coalesce(sum(quantity * price), 0.0) as total"
                      " from cart join products using (sku)")  # fmt: skip
    assert total is not None
    return {"lines": lines, "total": round(total["total"], 2)}  # type: ignore[typeddict-item]


@SHOP.tool
def write_review(
    scene: Scene,
    sku: Sku,
    stars: Annotated[int, Field(description="Stars from 1 to 5", ge=1, le=5)],
    comment: Annotated[str, "What the customer says"],
) -> Reviewed:
    """Write a review of a product."""
    product = _product(scene, sku)
    identity = scene.next_id("reviews")
    scene.change(
        "insert into reviews values (?, ?, ?, ?)", identity, product["sku"], stars, comment
    )
    return {"review_id": identity}


@SHOP.tool
def list_category(
    scene: Scene,
    category: Annotated[
        Literal["lighting", "furniture", "kitchenware", "textiles", "garden"], "Kind of product"
    ],
) -> Products:
    """List all products of a category."""
    sql = "select sku, name, price, stock from products where category = ? order by sku"
    return {"products": scene.rows(sql, category)}  # type: ignore[typeddict-item]
