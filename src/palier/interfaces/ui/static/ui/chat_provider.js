// Starts the chat that a provider runs. Who reads and what may be said of them stands in the page, as JSON.
;(() => {
  "use strict"
  const page = JSON.parse(document.getElementById("chat-provider").textContent)
  const told = page.told
  const KEY = "palier-chat-reader"

  // Whose conversation this browser holds: who comes after somebody must not find it.
  let before = ""
  try {
    before = localStorage.getItem(KEY) || ""
    localStorage.setItem(KEY, page.reader)
  } catch {
    before = ""
  }
  const somebodyElse = before !== "" && before !== page.reader

  const load = (loaded = () => {}) => {
    const script = document.createElement("script")
    script.src = page.script
    script.async = true
    script.addEventListener("load", loaded)
    script.addEventListener("error", () => {
      for (const id of ["chat-unreachable", "chat-blocked"]) {
        const said = document.getElementById(id)
        if (said && !(id === "chat-unreachable" && page.open)) said.hidden = false
      }
    })
    document.body.append(script)
  }

  const starters = {
    chatwoot() {
      window.chatwootSettings = { position: "right", type: "standard", darkMode: "auto", locale: page.language }
      window.addEventListener("chatwoot:ready", () => {
        const chat = window.$chatwoot
        if (told.user) {
          chat.setUser(page.reader, told.user)
          chat.setCustomAttributes(told.attributes)
        } else if (somebodyElse) chat.reset()
        if (page.open) chat.toggle("open")
      })
      load(() => window.chatwootSDK.run({ websiteToken: told.site, baseUrl: told.url }))
    },

    crisp() {
      const crisp = (window.$crisp = [])
      window.CRISP_WEBSITE_ID = told.site
      window.CRISP_RUNTIME_CONFIG = { locale: page.language }
      if (told.token) window.CRISP_TOKEN_ID = told.token
      crisp.push(["safe", true])
      if (somebodyElse) crisp.push(["do", "session:reset"])
      if (told.email) {
        crisp.push(["set", "user:email", told.email])
        crisp.push(["set", "user:nickname", [told.name]])
        crisp.push(["set", "user:company", [told.company, {}]])
        crisp.push(["set", "session:data", [told.data]])
      }
      if (page.open) crisp.push(["do", "chat:open"])
      load()
    },

    intercom() {
      const intercom = (...words) => intercom.q.push(words)
      intercom.q = []
      intercom.c = (words) => intercom.q.push(words)
      window.Intercom = intercom
      if (somebodyElse) intercom("shutdown")
      intercom("boot", told.boot)
      if (page.open) intercom("show")
      load()
    },
  }
  starters[page.kind]()
})()
