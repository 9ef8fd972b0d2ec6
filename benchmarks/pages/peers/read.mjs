// Runs one npm peer over a corpus: `node read.mjs FOLDER NAME CORPUS RUNS`, FOLDER being where the peers are installed.
// Pages come as lines of JSON on stdin and are handed over as text that was decoded beforehand, outside the time.

import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join, resolve } from "node:path"

const [folder, name, corpus, runs] = process.argv.slice(2)
const require = createRequire(resolve(folder, "package.json"))
console.error = () => {}

const READERS = {
  "unfurl.js": () => {
    const { unfurl } = require("unfurl.js")
    return async (html, url) => {
      const headers = new Map([["Content-Type", "text/html; charset=utf-8"]])
      const body = Buffer.from(html)
      const fetch = async () => ({ status: 200, headers, arrayBuffer: async () => body })
      const found = await unfurl(url, { oembed: false, fetch })
      const graph = found.open_graph ?? {}
      const card = found.twitter_card ?? {}
      return {
        title: graph.title ?? card.title ?? found.title,
        description: graph.description ?? card.description ?? found.description,
        image: graph.images?.[0]?.url ?? card.images?.[0]?.url,
        author: found.author,
        date: graph.articles?.[0]?.published_time,
        publisher: graph.site_name,
        url: found.canonical_url ?? graph.url,
      }
    }
  },
  metascraper: () => {
    // metascraper-logo-favicon asks the network for the sizes of icons, so it is left out.
    const rules = ["author", "date", "description", "image", "lang", "publisher", "title", "url"]
    const metascraper = require("metascraper")(rules.map((rule) => {
      const made = require(`metascraper-${rule}`)
      return (made.default ?? made)()
    }))
    return (html, url) => metascraper({ html, url, validateUrl: false })
  },
  "open-graph-scraper": () => {
    const scrape = require("open-graph-scraper")
    const ogs = scrape.default ?? scrape
    return async (html) => {
      const { result } = await ogs({ html })
      return {
        title: result.ogTitle,
        description: result.ogDescription,
        image: result.ogImage?.[0]?.url,
        author: result.author,
        date: result.articlePublishedTime ?? result.articlePublishedDate,
        publisher: result.ogSiteName,
        url: result.ogUrl,
      }
    }
  },
  "link-preview-js": () => {
    const { getPreviewFromContent } = require("link-preview-js")
    return async (html, url) => {
      const found = await getPreviewFromContent({ headers: { "content-type": "text/html; charset=utf-8" }, data: html, url }, {})
      return { title: found.title, description: found.description, image: found.images?.[0], publisher: found.siteName, url: found.url }
    }
  },
}

function statusMib(field) {
  const found = new RegExp(`${field}:\\s+(\\d+) kB`).exec(readFileSync("/proc/self/status", "utf8"))
  return found ? Number(found[1]) / 1024 : 0
}

const read = READERS[name]()
await read("<html><head><title>warm</title></head><body></body></html>", "https://example.org/").catch(() => {})
const pages = readFileSync(0, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line))
const before = statusMib("VmRSS")
for (const page of pages) {
  const html = new TextDecoder(page.label).decode(readFileSync(join(corpus, page.file)))
  const times = []
  let facts = {}
  let error = null
  for (let run = 0; run < Number(runs); run++) {
    const started = process.cpuUsage()
    try {
      facts = await read(html, page.url)
    } catch (failure) {
      error = failure.name
    }
    const used = process.cpuUsage(started)
    times.push((used.user + used.system) / 1000)
  }
  times.sort((one, other) => one - other)
  console.log(JSON.stringify({ file: page.name, cpu_ms: times[times.length >> 1], facts, error }))
}
const { version } = JSON.parse(readFileSync(resolve(folder, "node_modules", name, "package.json"), "utf8"))
console.log(JSON.stringify({ peak_mib: Math.round((statusMib("VmHWM") - before) * 10) / 10, version }))
