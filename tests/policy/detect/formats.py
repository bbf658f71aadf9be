"""Formats of secrets that services publish, written down apart from the rules, with a generator.

A row: a name, the variable it is usually kept in, and how such a token is made, by the service's
own description. `alone`: it shows by itself what it is; else only the variable's name tells. A new
format is one more row here. Every token is made up from a fixed seed while the test runs.
"""

from __future__ import annotations

import random
import string
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import NamedTuple

LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
LETTERS = LOWER + UPPER


class Maker:
    """Makes up parts of tokens."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def some(self, alphabet: str, size: int) -> str:
        # A letter and a digit at least: the wording of every format, and the least entropy.
        drawn = "".join(self.random.choice(alphabet) for _ in range(size))
        if size < 8 or alphabet.isalpha() or alphabet.isdigit():
            return drawn
        return drawn if any(c.isdigit() for c in drawn) else self.some(alphabet, size)

    def an(self, size: int) -> str:
        return self.some(LETTERS + DIGITS, size)

    def url(self, size: int) -> str:
        # Ends in a letter or digit, so that the end can be seen in any context.
        return self.some(LETTERS + DIGITS + "_-", size - 2) + self.an(2)

    def lo(self, size: int) -> str:
        return self.some(LOWER + DIGITS, size)

    def up(self, size: int) -> str:
        return self.some(UPPER + DIGITS, size)

    def hex(self, size: int) -> str:
        return self.some("0123456789abcdef", size)

    def d(self, size: int) -> str:
        return str(self.random.randint(1, 9)) + "".join(
            self.random.choice(DIGITS) for _ in range(size - 1)
        )

    def b32(self, size: int) -> str:
        return "".join(self.random.choice(UPPER + "234567") for _ in range(size))

    def std(self, size: int) -> str:
        return self.some(LETTERS + DIGITS + "+/", size - 1) + self.an(1)

    def uuid(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def json(self, text: str) -> str:
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")


class Format(NamedTuple):
    name: str
    variable: str
    make: Callable[[Maker], str]
    alone: bool = True


def _jwt(m: Maker) -> str:
    head = m.json('{"alg":"HS256","typ":"JWT"}')
    body = m.json('{"sub":"' + m.d(10) + '","name":"' + m.an(12) + '","iat":' + m.d(10) + "}")
    return f"{head}.{body}.{m.url(43)}"


def _pypi(m: Maker) -> str:
    return "pypi-" + "AgEIcHlwaS5vcmc" + m.url(150)


FORMATS = (
    Format("GitHub personal access token", "GITHUB_TOKEN", lambda m: "ghp_" + m.an(36)),
    Format("GitHub OAuth token", "GH_TOKEN", lambda m: "gho_" + m.an(36)),
    Format("GitHub user-to-server token", "GH_TOKEN", lambda m: "ghu_" + m.an(36)),
    Format("GitHub server-to-server token", "GH_TOKEN", lambda m: "ghs_" + m.an(36)),
    Format("GitHub refresh token", "GH_REFRESH", lambda m: "ghr_" + m.an(36)),
    Format("GitHub fine-grained token", "GH_TOKEN",
           lambda m: f"github_pat_{m.up(22)}_{m.an(59)}"),
    Format("GitLab personal access token", "GITLAB_TOKEN", lambda m: "glpat-" + m.url(20)),
    Format("GitLab routable token", "GITLAB_TOKEN",
           lambda m: f"glpat-{m.url(36)}.01.{m.lo(9)}"),
    Format("GitLab deploy token", "DEPLOY_TOKEN", lambda m: "gldt-" + m.url(20)),
    Format("GitLab runner token", "RUNNER_TOKEN", lambda m: "glrt-" + m.url(20)),
    Format("GitLab pipeline trigger", "TRIGGER", lambda m: "glptt-" + m.hex(40)),
    Format("GitLab CI job token", "CI_JOB_TOKEN", lambda m: f"glcbt-{m.an(2)}_{m.url(20)}"),
    Format("GitLab feed token", "FEED", lambda m: "glft-" + m.url(20)),
    Format("GitLab agent token", "AGENT", lambda m: "glagent-" + m.url(50)),
    Format("GitLab OAuth secret", "OAUTH_SECRET", lambda m: "gloas-" + m.hex(64)),
    Format("GitLab SCIM token", "SCIM", lambda m: "glsoat-" + m.url(20)),
    Format("AWS access key id", "AWS_ACCESS_KEY_ID", lambda m: "AKIA" + m.b32(16)),
    Format("AWS temporary key id", "AWS_ACCESS_KEY_ID", lambda m: "ASIA" + m.b32(16)),
    Format("AWS secret key", "AWS_SECRET_ACCESS_KEY", lambda m: m.std(40), alone=False),
    Format("AWS Bedrock key", "BEDROCK_KEY", lambda m: "ABSK" + m.std(128)),
    Format("Amazon MWS token", "MWS_TOKEN", lambda m: "amzn.mws." + m.uuid()),
    Format("OpenAI legacy key", "OPENAI_API_KEY",
           lambda m: f"sk-{m.an(20)}T3BlbkFJ{m.an(20)}"),
    Format("OpenAI project key", "OPENAI_API_KEY",
           lambda m: f"sk-proj-{m.url(74)}T3BlbkFJ{m.url(74)}"),
    Format("OpenAI service account key", "OPENAI_API_KEY",
           lambda m: f"sk-svcacct-{m.url(58)}T3BlbkFJ{m.url(58)}"),
    Format("OpenAI admin key", "OPENAI_ADMIN_KEY",
           lambda m: f"sk-admin-{m.url(58)}T3BlbkFJ{m.url(58)}"),
    Format("Anthropic key", "ANTHROPIC_API_KEY", lambda m: f"sk-ant-api03-{m.url(93)}AA"),
    Format("Anthropic admin key", "ANTHROPIC_KEY", lambda m: f"sk-ant-admin01-{m.url(93)}AA"),
    Format("Anthropic OAuth token", "CLAUDE_TOKEN", lambda m: f"sk-ant-oat01-{m.url(93)}AA"),
    Format("OpenRouter key", "OPENROUTER_API_KEY", lambda m: "sk-or-v1-" + m.hex(64)),
    Format("DeepSeek key", "DEEPSEEK_API_KEY", lambda m: "sk-" + m.hex(32)),
    Format("Groq key", "GROQ_API_KEY", lambda m: "gsk_" + m.an(52)),
    Format("xAI key", "XAI_API_KEY", lambda m: "xai-" + m.an(80)),
    Format("Perplexity key", "PPLX_KEY", lambda m: "pplx-" + m.an(48)),
    Format("Replicate token", "REPLICATE_TOKEN", lambda m: "r8_" + m.an(37)),
    Format("Hugging Face token", "HF_TOKEN", lambda m: "hf_" + m.some(LETTERS, 34)),
    Format("Hugging Face organization", "HF_ORG", lambda m: "api_org_" + m.some(LETTERS, 34)),
    Format("NVIDIA key", "NVIDIA_API_KEY", lambda m: "nvapi-" + m.url(64)),
    Format("LangSmith key", "LANGSMITH_KEY", lambda m: f"lsv2_pt_{m.hex(32)}_{m.hex(10)}"),
    Format("Pinecone key", "PINECONE_KEY", lambda m: f"pcsk_{m.an(6)}_{m.an(63)}"),
    Format("Cohere key", "COHERE_API_KEY", lambda m: m.an(40), alone=False),
    Format("Google API key", "GOOGLE_API_KEY", lambda m: "AIza" + m.url(35)),
    Format("Google OAuth secret", "GOOGLE_SECRET", lambda m: "GOCSPX-" + m.url(28)),
    Format("Google access token", "ACCESS", lambda m: "ya29." + m.url(120)),
    Format("Azure AD client secret", "AZURE_SECRET",
           lambda m: f"{m.an(3)}8Q~{m.an(34)}"),
    Format("Azure storage key", "AccountKey", lambda m: m.std(86) + "==", alone=False),
    Format("Azure Service Bus key", "SharedAccessKey", lambda m: m.std(43) + "=", alone=False),
    Format("Azure OpenAI key", "AZURE_OPENAI_KEY", lambda m: m.hex(32), alone=False),
    Format("Azure DevOps token", "DEVOPS_PAT", lambda m: f"{m.an(76)}AZDO{m.an(4)}"),
    Format("Slack bot token", "SLACK_TOKEN",
           lambda m: f"xoxb-{m.d(12)}-{m.d(12)}-{m.an(24)}"),
    Format("Slack user token", "SLACK_TOKEN",
           lambda m: f"xoxp-{m.d(12)}-{m.d(12)}-{m.d(12)}-{m.hex(32)}"),
    Format("Slack app token", "SLACK_APP", lambda m: f"xapp-1-A{m.up(10)}-{m.d(13)}-{m.hex(64)}"),
    Format("Slack refresh token", "SLACK_REFRESH", lambda m: "xoxe-1-" + m.up(146)),
    Format("Slack rotated token", "SLACK_ROTATED", lambda m: "xoxe.xoxp-1-" + m.up(166)),
    Format("Stripe live key", "STRIPE_KEY", lambda m: "sk_live_" + m.an(24)),
    Format("Stripe long key", "STRIPE_KEY", lambda m: "sk_live_" + m.an(99)),
    Format("Stripe restricted key", "STRIPE_KEY", lambda m: "rk_live_" + m.an(99)),
    Format("Stripe webhook secret", "WEBHOOK_SECRET", lambda m: "whsec_" + m.an(32)),
    Format("Twilio key", "TWILIO_KEY", lambda m: "SK" + m.hex(32)),
    Format("Twilio auth token", "TWILIO_AUTH_TOKEN", lambda m: m.hex(32), alone=False),
    Format("SendGrid key", "SENDGRID_KEY", lambda m: f"SG.{m.url(22)}.{m.url(43)}"),
    Format("Mailgun key", "MAILGUN_KEY", lambda m: "key-" + m.hex(32)),
    Format("Mailchimp key", "MAILCHIMP_KEY", lambda m: m.hex(32) + "-us14"),
    Format("Brevo key", "BREVO_KEY", lambda m: f"xkeysib-{m.hex(64)}-{m.an(16)}"),
    Format("Resend key", "RESEND_KEY", lambda m: f"re_{m.an(8)}_{m.an(24)}"),
    Format("Postmark token", "POSTMARK_TOKEN", lambda m: m.uuid(), alone=False),
    Format("npm token", "NPM_TOKEN", lambda m: "npm_" + m.an(36)),
    Format("PyPI token", "TWINE_PASSWORD", _pypi),
    Format("RubyGems key", "GEM_KEY", lambda m: "rubygems_" + m.hex(48)),
    Format("NuGet key", "NUGET_KEY", lambda m: "oy2" + m.lo(43)),
    Format("crates.io token", "CARGO_TOKEN", lambda m: "cio" + m.an(32)),
    Format("Docker Hub token", "DOCKER_PAT", lambda m: "dckr_pat_" + m.url(27)),
    Format("Docker organization token", "DOCKER_OAT", lambda m: "dckr_oat_" + m.url(32)),
    Format("Artifactory key", "ART_KEY", lambda m: "AKCp" + m.an(69)),
    Format("Terraform Cloud token", "TFE_TOKEN", lambda m: f"{m.an(14)}.atlasv1.{m.an(67)}"),
    Format("Vault service token", "VAULT_TOKEN", lambda m: "hvs." + m.url(92)),
    Format("Vault batch token", "VAULT_TOKEN", lambda m: "hvb." + m.url(160)),
    Format("Vault legacy token", "VAULT_TOKEN", lambda m: "s." + m.an(24)),
    Format("Pulumi token", "PULUMI_TOKEN", lambda m: "pul-" + m.hex(40)),
    Format("Doppler token", "DOPPLER_TOKEN", lambda m: "dp.pt." + m.an(43)),
    Format("Doppler service token", "DOPPLER_TOKEN", lambda m: "dp.st.prd." + m.an(43)),
    Format("1Password secret key", "OP_KEY",
           lambda m: f"A3-{m.up(6)}-{m.up(6)}-{m.up(5)}-{m.up(5)}-{m.up(5)}-{m.up(5)}"),
    Format("1Password service account", "OP_SERVICE", lambda m: "ops_eyJ" + m.std(260)),
    Format("age secret key", "AGE_KEY",
           lambda m: "AGE-SECRET-KEY-1" + m.some("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)),
    Format("DigitalOcean token", "DO_TOKEN", lambda m: "dop_v1_" + m.hex(64)),
    Format("DigitalOcean OAuth", "DO_TOKEN", lambda m: "doo_v1_" + m.hex(64)),
    Format("Heroku platform key", "HEROKU_KEY", lambda m: "HRKU-AA" + m.url(58)),
    Format("Heroku legacy key", "HEROKU_API_KEY", lambda m: m.uuid(), alone=False),
    Format("Fly.io token", "FLY_TOKEN", lambda m: "fo1_" + m.url(43)),
    Format("Fly.io macaroon", "FLY_TOKEN", lambda m: "fm2_" + m.std(200)),
    Format("Netlify token", "NETLIFY_TOKEN", lambda m: "nfp_" + m.an(36)),
    Format("Vercel token", "VERCEL_TOKEN", lambda m: "vcp_" + m.an(56)),
    Format("Supabase token", "SUPABASE_TOKEN", lambda m: "sbp_" + m.hex(40)),
    Format("Supabase secret key", "SUPABASE_KEY", lambda m: f"sb_secret_{m.url(22)}_{m.an(8)}"),
    Format("PlanetScale token", "PS_TOKEN", lambda m: "pscale_tkn_" + m.url(43)),
    Format("PlanetScale password", "PS_PASSWORD", lambda m: "pscale_pw_" + m.url(43)),
    Format("Databricks token", "DATABRICKS_TOKEN", lambda m: "dapi" + m.hex(32)),
    Format("Databricks token, numbered", "DATABRICKS_TOKEN", lambda m: f"dapi{m.hex(32)}-2"),
    Format("Cloudflare origin CA key", "CF_CA", lambda m: f"v1.0-{m.hex(24)}-{m.hex(146)}"),
    Format("Cloudflare token", "CLOUDFLARE_API_TOKEN", lambda m: m.url(40), alone=False),
    Format("Cloudflare global key", "CLOUDFLARE_KEY", lambda m: m.hex(37), alone=False),
    Format("Alibaba key id", "ALI_ID", lambda m: "LTAI" + m.an(20)),
    Format("Tencent secret id", "TC_ID", lambda m: "AKID" + m.an(32)),
    Format("Datadog API key", "DD_API_KEY", lambda m: m.hex(32), alone=False),
    Format("Datadog app key", "DATADOG_APP_KEY", lambda m: m.hex(40), alone=False),
    Format("New Relic user key", "NR_KEY", lambda m: "NRAK-" + m.up(27)),
    Format("New Relic insert key", "NR_INSERT", lambda m: "NRII-" + m.url(32)),
    Format("Grafana service account", "GRAFANA_TOKEN", lambda m: f"glsa_{m.an(32)}_{m.hex(8)}"),
    Format("Grafana Cloud token", "GRAFANA_TOKEN", lambda m: "glc_" + m.std(120)),
    Format("Sentry user token", "SENTRY_TOKEN", lambda m: "sntryu_" + m.hex(64)),
    Format("Sentry legacy token", "SENTRY_AUTH_TOKEN", lambda m: m.hex(64), alone=False),
    Format("Sentry organization token", "SENTRY_TOKEN",
           lambda m: f"sntrys_eyJpYXQiO{m.std(100)}LCJyZWdpb25fdXJs{m.std(60)}_{m.std(43)}"),
    Format("Honeycomb key", "HONEYCOMB_KEY", lambda m: "hcaik_" + m.lo(58)),
    Format("Dynatrace token", "DT_TOKEN", lambda m: f"dt0c01.{m.up(24)}.{m.up(64)}"),
    Format("Splunk HEC token", "SPLUNK_HEC_TOKEN", lambda m: m.uuid(), alone=False),
    Format("LaunchDarkly key", "LD_SDK", lambda m: "sdk-" + m.uuid()),
    Format("Postman key", "POSTMAN_KEY", lambda m: f"PMAK-{m.hex(24)}-{m.hex(34)}"),
    Format("Shopify access token", "SHOPIFY_TOKEN", lambda m: "shpat_" + m.hex(32)),
    Format("Shopify shared secret", "SHOPIFY_SECRET", lambda m: "shpss_" + m.hex(32)),
    Format("Square token", "SQUARE_TOKEN", lambda m: "sq0atp-" + m.url(22)),
    Format("Square secret", "SQUARE_SECRET", lambda m: "sq0csp-" + m.url(43)),
    Format("PayPal Braintree token", "BRAINTREE",
           lambda m: f"access_token$production${m.lo(16)}${m.hex(32)}"),
    Format("Plaid access token", "PLAID_TOKEN",
           lambda m: "access-production-" + m.uuid(), alone=False),
    Format("EasyPost key", "EASYPOST", lambda m: "EZAK" + m.an(54)),
    Format("Shippo token", "SHIPPO", lambda m: "shippo_live_" + m.hex(40)),
    Format("Duffel token", "DUFFEL", lambda m: "duffel_live_" + m.url(43)),
    Format("Flutterwave key", "FLW", lambda m: f"FLWSECK-{m.hex(32)}-X"),
    Format("Razorpay key", "RAZORPAY", lambda m: "rzp_live_" + m.an(14)),
    Format("Airtable token", "AIRTABLE_PAT", lambda m: f"pat{m.an(14)}.{m.hex(64)}"),
    Format("Notion token", "NOTION_TOKEN", lambda m: f"ntn_{m.d(11)}{m.an(35)}"),
    Format("Notion legacy token", "NOTION_TOKEN", lambda m: "secret_" + m.an(43)),
    Format("Asana token", "ASANA_PAT", lambda m: f"2/{m.d(16)}/{m.d(16)}:{m.hex(32)}"),
    Format("Atlassian token", "JIRA_TOKEN", lambda m: f"ATATT3xFfGF0{m.url(172)}={m.up(8)}"),
    Format("Bitbucket app password", "BB_PASSWORD", lambda m: "ATBB" + m.an(32)),
    Format("Linear key", "LINEAR_KEY", lambda m: "lin_api_" + m.an(40)),
    Format("Figma token", "FIGMA_TOKEN", lambda m: "figd_" + m.url(40)),
    Format("Typeform token", "TYPEFORM", lambda m: f"tfp_{m.an(44)}_{m.an(14)}"),
    Format("Contentful token", "CONTENTFUL_PAT", lambda m: "CFPAT-" + m.url(43)),
    Format("HubSpot app token", "HUBSPOT", lambda m: "pat-na1-" + m.uuid()),
    Format("Salesforce session", "SF_SESSION", lambda m: f"00D{m.an(15)}!AQ{m.url(90)}"),
    Format("Okta token", "OKTA_TOKEN", lambda m: "00" + m.url(40), alone=False),
    Format("Tailscale key", "TS_KEY", lambda m: f"tskey-auth-{m.an(12)}CNTRL-{m.an(32)}"),
    Format("Discord bot token", "DISCORD_TOKEN",
           lambda m: f"M{m.an(25)}.{m.an(6)}.{m.url(38)}"),
    Format("Telegram bot token", "TG_BOT", lambda m: f"{m.d(10)}:AA{m.url(33)}"),
    Format("Facebook page token", "FB_TOKEN", lambda m: "EAACE" + m.an(150)),
    Format("Twitter bearer token", "TW_BEARER",
           lambda m: "A" * 22 + f"{m.an(40)}%2B{m.an(40)}%3D{m.an(10)}"),
    Format("Twitch secret", "TWITCH_SECRET", lambda m: m.lo(30), alone=False),
    Format("Mapbox secret token", "MAPBOX", lambda m: f"sk.eyJ{m.url(80)}.{m.url(22)}"),
    Format("Snyk token", "SNYK_TOKEN", lambda m: m.uuid(), alone=False),
    Format("SonarQube token", "SONAR", lambda m: "squ_" + m.hex(40)),
    Format("Sourcegraph token", "SRC_TOKEN", lambda m: f"sgp_{m.hex(16)}_{m.hex(40)}"),
    Format("CircleCI token", "CIRCLE", lambda m: f"CCIPAT_{m.an(22)}_{m.hex(40)}"),
    Format("Buildkite token", "BUILDKITE", lambda m: "bkua_" + m.hex(40)),
    Format("Octopus Deploy key", "OCTOPUS", lambda m: "API-" + m.up(26)),
    Format("Harness token", "HARNESS", lambda m: f"pat.{m.an(22)}.{m.an(24)}.{m.an(20)}"),
    Format("Prefect key", "PREFECT", lambda m: "pnu_" + m.an(36)),
    Format("OpenShift token", "OC_TOKEN", lambda m: "sha256~" + m.url(43)),
    Format("Infracost key", "INFRACOST", lambda m: "ico-" + m.an(32)),
    Format("MaxMind key", "MAXMIND", lambda m: f"{m.an(6)}_{m.an(29)}_mmk"),
    Format("Yandex key", "YC_KEY", lambda m: "AQVN" + m.url(36)),
    Format("CockroachDB key", "CRDB", lambda m: f"CCDB1_{m.an(22)}_{m.an(40)}"),
    Format("Aiven password", "AIVEN", lambda m: "AVNS_" + m.url(19)),
    Format("MongoDB Atlas secret", "ATLAS", lambda m: "mdb_sa_sk_" + m.url(40)),
    Format("Clojars token", "CLOJARS", lambda m: "CLOJARS_" + m.lo(60)),
    Format("Apify token", "APIFY", lambda m: "apify_api_" + m.an(36)),
    Format("JSON Web Token", "SESSION", _jwt),
    Format("Adobe client secret", "ADOBE", lambda m: "p8e-" + m.lo(32)),
    Format("Algolia key", "ALGOLIA_KEY", lambda m: m.hex(32), alone=False),
    Format("Zendesk secret", "ZENDESK_SECRET", lambda m: m.an(40), alone=False),
    Format("Mattermost token", "MATTERMOST_TOKEN", lambda m: m.lo(26), alone=False),
    Format("Dropbox short token", "DROPBOX", lambda m: "sl." + m.url(140)),
    Format("Generic API key", "API_KEY", lambda m: m.an(32), alone=False),
    Format("Generic client secret", "CLIENT_SECRET", lambda m: m.an(24), alone=False),
    Format("Password with signs", "DB_PASSWORD", lambda m: f"{m.an(9)}!k7", alone=False),
)  # fmt: skip


def _camel(name: str) -> str:
    first, *rest = name.lower().split("_")
    return first + "".join(r.title() for r in rest)


CONTEXTS: dict[str, str] = {
    "env file": "LOG_LEVEL=info\n{NAME}={token}\nPORT=8080\n",
    "env file, quoted": 'export {NAME}="{token}"\n',
    "yaml": "service:\n  {name}: {token}\n  replicas: 2\n",
    "yaml, env list": '      - name: {NAME}\n        value: "{token}"\n',
    "json": '{{"level": 3, "{name}": "{token}", "next": null}}',
    "json in json": '{{"message": "{{\\"{name}\\": \\"{token}\\"}}"}}',
    "log line": "2026-03-01T12:00:00Z WARN worker[12] retry with {name}={token} failed\n",
    "toml": "[auth]\n{name} = '{token}'\n",
    "curl": "curl -s -H 'X-{dashed}: {token}' https://api.example.org/v1/items",
    "python": 'client = Client({name}="{token}", timeout=30)\n',
    "javascript": "const {camel} = '{token}';\n",
    "go": '\t{camel} := "{token}"\n',
    "java": 'private static final String {NAME} = "{token}";',
    "minified": 'e.exports={{{camel}:"{token}",n:1}},t=2;',
    "xml": "<{camel}>{token}</{camel}>",
    "other script": "# ключ доступа\n{NAME}={token} # 鍵 🔑\n",
    "crlf": "{NAME}={token}\r\nB=1\r\n",
}
"""Where such a token stands, with the name of its variable."""

BARE: dict[str, str] = {
    "prose": "I rotated it, the old one was {token}, please check.",
    "end of sentence": "It leaked: {token}.",
    "header": "Authorization: Bearer {token}\r\nAccept: */*\r\n",
    "query": "GET /v1/items?q={token}&page=2 HTTP/1.1",
    "markdown": "use `{token}` for now",
    "list": '["{token}","b"]',
    "line alone": "{token}",
    "python call": 'connect("{token}")',
}
"""Where it stands without a name: only for formats that show by themselves what they are."""


def placed(one: Format, context: str, token: str) -> str:
    """Return the line with the token in it."""
    name = one.variable
    return context.format(
        token=token, NAME=name, name=name.lower(), camel=_camel(name),
        dashed=name.replace("_", "-").title(),
    )  # fmt: skip
