// What `meseta explain` says of a message, an enum or a field of the API.
import { enumOf, type Field, messageOf } from "@meseta/api/mesos/codec/schema.ts";
import { type Details, type Listing, part } from "../listing.ts";
import { type Found, shortName } from "./find.ts";
import { SENTENCES } from "./sentences.ts";

/** Of one field, as -o json shows it. */
export interface FieldPage {
  readonly name: string;
  readonly number: number;
  readonly label: "required" | "optional" | "repeated";
  readonly type: string;
  readonly default?: string | number | boolean | undefined;
  readonly about?: string | undefined;
}

export function pageOf({ type, kind, field }: Found): Details {
  const own = field && fieldPage(field.of, field.field);
  const name = field === undefined ? shortName(type!) : `${shortName(field.of)}.${field.field.name}`;
  const about = SENTENCES[name] ?? (type === undefined ? undefined : SENTENCES[shortName(type)]);
  const fields = kind === "message" ? messageOf(type!).fields.map((one) => fieldPage(type!, one)) : undefined;
  const values = kind === "enum" ? valuesOf(type!) : undefined;
  const item = { name, ...own, kind: field === undefined ? kind : "field", about, fields, values };
  return {
    item: { ...item, name },
    name,
    lines: [
      ["Name", name],
      ["About", about],
      ["Type", own?.type ?? kind],
      ["Field", own && `${own.number}, ${own.label}`],
      ["Default", own?.default === undefined ? undefined : String(own.default)],
    ],
    parts: [
      ...(fields === undefined ? [] : [part(`Fields of ${shortName(type!)}`, fieldListing(fields))]),
      ...(values === undefined ? [] : [part(`Values of ${shortName(type!)}`, valueListing(values))]),
    ],
  };
}

function fieldPage(message: string, field: Field): FieldPage {
  const { name, number, label, preset } = field;
  const about = SENTENCES[`${shortName(message)}.${name}`] ?? SENTENCES[shortName(field.type)];
  return { name, number, label, type: typeText(field), default: preset, about };
}

function typeText({ kind, type }: Field): string {
  return kind === "map" ? `map of ${shortName(type)}` : shortName(type);
}

function fieldListing(items: readonly FieldPage[]): Listing<FieldPage> {
  return {
    items,
    name: ({ name }) => name,
    none: "",
    columns: [
      { title: "FIELD", text: ({ name }) => name },
      { title: "NO", right: true, text: ({ number }) => String(number) },
      { title: "TYPE", text: ({ type, label }) => (label === "repeated" ? `${type} …` : type) },
      { title: "NEEDED", text: ({ label }) => (label === "required" ? "yes" : "") },
      { title: "DEFAULT", text: (field) => (field.default === undefined ? "" : String(field.default)) },
      { title: "ABOUT", text: ({ about }) => about ?? "" },
    ],
  };
}

interface EnumValue {
  readonly name: string;
  readonly number: number;
}

function valuesOf(type: string): EnumValue[] {
  return Object.entries(enumOf(type).numbers).map(([name, number]) => ({ name, number }));
}

function valueListing(items: readonly EnumValue[]): Listing<EnumValue> {
  return {
    items,
    name: ({ name }) => name,
    none: "",
    columns: [
      { title: "VALUE", text: ({ name }) => name },
      { title: "NO", right: true, text: ({ number }) => String(number) },
    ],
  };
}
