// Tabulator with the modules that our tables use, and no other.
import {
  FilterModule,
  FormatModule,
  InteractionModule,
  ResizeTableModule,
  SortModule,
  Tabulator,
} from "tabulator-tables";

Tabulator.registerModule([
  FilterModule,
  FormatModule,
  InteractionModule,
  ResizeTableModule,
  SortModule,
]);

export { Tabulator };
