// Elements without HTML strings: what a user typed can only ever become text.

const SVG = "http://www.w3.org/2000/svg";

// h("li", { class: "task", tabindex: -1 }, "text", element...): null, undefined and false leave an attribute or a child out.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function icon(name, className = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${className}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

const initials = (name) =>
  name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => [...word][0] ?? "")
    .join("")
    .toUpperCase();

// A member's face. The page's policy forbids style attributes; a property set from a script is allowed.
export function avatar(member, size = "") {
  const letters = member ? initials(member.get("name")) : "?";
  const face = h("span", { class: `avatar ${size}`.trim(), "aria-hidden": "true" }, letters);
  if (member) face.style.setProperty("--color", member.get("color"));
  return face;
}

export const $ = (id) => document.getElementById(id);
