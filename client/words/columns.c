#include "client/words/columns.h"

#include <string.h>

#include "client/words/typed.h"

/** Headings, in their plain form (typed_is()), and the field that they mean in a row. */
static const struct heading {
    /** The row's type; NULL: any that has such a field. */
    const char *row;
    const char *field;
    const char *words;
} headings[] = {
    {"CustomerRow", "key", "account id|customer id|record id|客户编号|编号|nr|id"},
    {"CustomerRow", "name",
     "account name|company name|company|customer|customer "
     "name|客户名称|客户|公司名称|公司|单位名称|emri|klienti|"
     "kompania"},
    {"CustomerRow", "owner",
     "account owner|record owner|负责人|客户负责人|销售|业务员|跟进人|所有人|pergjegjesi|pronari"},
    {"CustomerRow", "registration_no",
     "tax id|registration number|统一社会信用代码|税号|注册号|nipt|nuis"},
    {"CustomerRow", "registration_country", "country code|国家代码|shteti"},
    {"CustomerRow", "website", "web|url|网址|官网|网站|faqja"},
    {"CustomerRow", "address", "billing address|地址|公司地址|详细地址|adresa"},
    {"CustomerRow", "phone", "telephone|电话|联系电话|公司电话|telefoni"},
    {"CustomerRow", "size", "employees|number of employees|员工数|人数|规模|punonjes"},
    {"CustomerRow", "state", "status|状态|客户状态|gjendja"},
    {"CustomerRow", "created", "created time|created date|created on|创建时间|创建日期|krijuar me"},
    {"ContactRow", "key", "contact id|record id|联系人编号|编号|nr|id"},
    {"ContactRow", "customer",
     "account name|company|company name|customer "
     "name|客户名称|客户|公司名称|公司|klienti|kompania"},
    {"ContactRow", "name", "contact name|full name|contact|姓名|联系人|联系人姓名|emri"},
    {"ContactRow", "title", "job title|position|职务|职位|头衔|pozicioni|titulli"},
    {"ContactRow", "function", "role|角色|决策角色|roli"},
    {"ContactRow", "email", "e-mail|mail|邮箱|电子邮箱|email-i"},
    {"ContactRow", "phone", "mobile|telephone|手机|电话|联系电话|手机号|telefoni|celulari"},
    {"ContactRow", "wechat", "微信|微信号"},
    {"ContactRow", "note", "description|notes|备注|说明|shenim|shenime"},
    {"ContactRow", "state", "status|状态|gjendja"},
    {"DealRow", "key",
     "deal id|opportunity id|record id|external id|商机编号|商机id|机会编号|编号|nr|id"},
    {"DealRow", "title",
     "deal name|opportunity "
     "name|deal|opportunity|name|商机名称|商机|商机标题|项目名称|销售机会|机会"
     "名称|标题|titulli|mundesia|emri i mundesise"},
    {"DealRow", "customer",
     "account name|account|company name|company|customer "
     "name|client|organization|客户名称|客户|公司名称"
     "|公司|单位名称|客户公司|klienti|klient|kompania|emri i klientit"},
    {"DealRow", "amount",
     "deal amount|value|deal "
     "value|金额|商机金额|预计金额|预计销售金额|合同金额|销售金额|成交金额|shuma|"
     "vlera"},
    {"DealRow", "stage", "deal stage|sales stage|阶段|商机阶段|销售阶段|商机状态|状态|faza|etapa"},
    {"DealRow", "reason",
     "lost reason|loss reason|closed lost reason|reason for "
     "loss|丢单原因|输单原因|失败原因|原因|arsyeja|"
     "arsyeja e humbjes"},
    {"DealRow", "lost_code", "lost reason code|丢单原因分类|丢单类型|kodi i arsyes"},
    {"DealRow", "lost_to", "competitor|lost to|竞争对手|丢给谁|konkurrenti"},
    {"DealRow", "owner",
     "deal owner|opportunity owner|owner name|record "
     "owner|负责人|商机负责人|销售|销售人员|业务员|跟进人|"
     "所有人|归属人|pergjegjesi|pronari|shitesi"},
    {"DealRow", "vendor", "partner|partner company|合作伙伴|合作伙伴公司|乙方|partneri"},
    {"DealRow", "created",
     "created time|created date|create date|created on|created "
     "at|创建时间|创建日期|建立时间|krijuar|krijuar "
     "me|data e krijimit"},
    {"DealRow", "closed",
     "closed on|closed date|closed time|won date|结单时间|成交日期|实际成交日期|赢单时间|mbyllur "
     "me"},
    {"DealRow", "close_on",
     "closing date|close date|expected close "
     "date|预计成交日期|预计结单日期|预计签单日期|预计成交时间|"
     "pritet te mbyllet|data e mbylljes"},
    {"DealRow", "contact", "contact name|primary contact|联系人|主要联系人|客户联系人|kontakti"},
    {"FollowupRow", "key", "activity id|record id|call id|跟进编号|编号|nr|id"},
    {"FollowupRow", "deal",
     "deal name|deal id|related to|opportunity "
     "name|opportunity|商机名称|商机编号|商机|关联商机|所属商机|"
     "项目名称|mundesia"},
    {"FollowupRow", "kind", "type|activity type|跟进方式|跟进类型|方式|类型|lloji"},
    {"FollowupRow", "text",
     "description|subject|notes|note|comments|content|跟进内容|内容|跟进记录|备注|沟通内容|"
     "pershkrimi|"
     "teksti|shenime"},
    {"FollowupRow", "at",
     "date|time|activity date|date time|call start time|start time|happened "
     "at|跟进时间|跟进日期|时间|"
     "日期|data|koha"},
    {"FollowupRow", "member",
     "owner|activity owner|by|assigned to|created by|跟进人|负责人|操作人|销售|pergjegjesi|nga"},
    {"FollowupRow", "next", "next step|下一步|下一步计划|下次跟进内容|hapi tjeter"},
    {"FollowupRow", "due",
     "next step due|next date|due date|下次跟进时间|下次跟进日期|截止日期|afati"},
    {"FollowupRow", "outcome", "result|call result|跟进结果|结果|rezultati"},
    {"FollowupRow", "customer",
     "account name|account|company name|company|customer "
     "name|客户名称|客户|公司名称|公司|单位名称|klienti|klient|kompania"},
    {"FollowupRow", "contact", "contact name|who|联系人|联系人姓名|客户联系人|kontakti"},
    {"FollowupRow", "internal", "private|仅内部|内部|i brendshem"},
    {"TaskRow", "key", "task id|record id|任务编号|编号|nr|id"},
    {"TaskRow", "title", "subject|task|task name|name|任务|任务名称|主题|标题|titulli|detyra"},
    {"TaskRow", "text", "description|notes|details|任务说明|说明|描述|备注|内容|pershkrimi|teksti"},
    {"TaskRow", "kind", "type|task type|任务类型|类型|lloji"},
    {"TaskRow", "deal",
     "related to|deal name|opportunity name|关联商机|商机名称|商机编号|商机|mundesia"},
    {"TaskRow", "owner",
     "task owner|assigned to|assignee|负责人|执行人|处理人|责任人|pergjegjesi|pronari"},
    {"TaskRow", "due", "due date|deadline|截止日期|截止时间|到期日|完成期限|afati"},
    {"TaskRow", "state", "status|任务状态|状态|gjendja|statusi"},
    {"TaskRow", "done", "closed time|completed on|completed date|完成时间|完成日期|kryer me"},
    {"TaskRow", "required", "mandatory|必须|必做|e detyrueshme"},
    {"TaskRow", "created", "created time|created date|created on|创建时间|创建日期|krijuar me"},
    {"KpiRow", "key", "record id|记录编号|编号|nr|id"},
    {"KpiRow", "code", "kpi|kpi code|指标|指标代码|指标编码|kodi"},
    {"KpiRow", "period", "所属期间|期间|周期|月份|periudha|muaji"},
    {"KpiRow", "member", "owner|salesperson|成员|负责人|业务员|销售|姓名|anetari|shitesi"},
    {"KpiRow", "value", "actual|result|完成值|实际值|数值|完成|vlera|rezultati"},
    {"KpiRow", "text", "note|comment|备注|说明|shenim"},
    {"KpiRow", "name", "kpi name|指标名称|emri"},
    {"KpiRow", "unit", "单位|njesia"},
    {"KpiRow", "direction", "方向|drejtimi"},
    {"RateRow", "key", "record id|编号|nr|id"},
    {"RateRow", "from", "from currency|base|base currency|原币种|源币种|外币|nga|nga monedha"},
    {"RateRow", "to", "to currency|quote|quote currency|目标币种|本币|ne|ne monedhen"},
    {"RateRow", "rate", "exchange rate|汇率|kursi"},
    {"RateRow", "day", "date|valid from|日期|生效日期|data|dita"},
    {"RateRow", "source", "来源|burimi"},
    {NULL, "currency", "currency code|deal currency|币种|货币|monedha|valuta"},
    {NULL, "key", "external key|外部编号|celesi"},
};
enum { N_HEADINGS = sizeof headings / sizeof *headings };

/** A name without what a spreadsheet puts around it: blanks and the stars of what is required. */
static char *
bare(struct arena *a, const char *text, size_t n)
{
    static const char *const around[] = {" ", "*", "\t", "\n", "\r", "　", "＊", ":", "："};
    enum { N_AROUND = sizeof around / sizeof *around };
    for (size_t i = 0; i < N_AROUND;) {
        size_t length = strlen(around[i]);
        bool before = n >= length && strncmp(text, around[i], length) == 0;
        bool behind = n >= length && strncmp(text + n - length, around[i], length) == 0;
        text += before ? length : 0;
        n -= before || behind ? length : 0;
        i = before || behind ? 0 : i + 1;
    }
    return arena_copy(a, text, n);
}

/** The place of a bracket, whose length is *@length; NULL where there is none. */
static const char *
find_bracket(const char *text, size_t *length)
{
    const char *narrow = strchr(text, '('), *wide = strstr(text, "（");
    const char *first = narrow && (!wide || narrow < wide) ? narrow : wide;
    *length = first == wide ? strlen("（") : 1;
    return first;
}

/** Takes what stands in brackets behind a heading off it. */
static const char *
take_unit(struct arena *a, char *heading)
{
    size_t length;
    const char *bracket = find_bracket(heading, &length);
    if (!bracket || bracket == heading)
        return NULL;
    const char *unit = bracket + length;
    size_t n = strcspn(unit, ")");
    const char *wide = strstr(unit, "）");
    if (wide && (size_t)(wide - unit) < n)
        n = (size_t)(wide - unit);
    unit = bare(a, unit, n);
    heading[bracket - heading] = 0;
    return unit && *unit ? unit : NULL;
}

static const struct schema_field *
find_field(const struct schema_message *row, const char *heading)
{
    for (unsigned i = 0; i < row->pb.n_fields; i++)
        if (typed_is(heading, schema_field_at(row, i)->pb->name))
            return schema_field_at(row, i);
    for (size_t i = 0; i < N_HEADINGS; i++) {
        const struct heading *h = &headings[i];
        const struct schema_field *f = schema_find_field(row, h->field);
        bool is_this = !h->row || strcmp(h->row, row->pb.short_name) == 0;
        if (f && is_this && typed_is(heading, h->words))
            return f;
    }
    return NULL;
}

struct column
columns_find(struct arena *a, const struct schema_message *row, const char *heading)
{
    struct column found = {0};
    char *whole = bare(a, heading, strlen(heading));
    if (!whole || !*whole)
        return found;
    if (!(found.field = find_field(row, whole))) {
        found.unit = take_unit(a, whole);
        char *name = bare(a, whole, strlen(whole));
        found.field = name && *name ? find_field(row, name) : NULL;
    }
    return found;
}

const char *
columns_names(struct arena *a, const struct schema_message *row)
{
    const char *all = "";
    for (unsigned i = 0; all && i < row->pb.n_fields; i++)
        if (strcmp(schema_field_at(row, i)->pb->name, "line") != 0)
            all =
                arena_print(a, "%s%s%s", all, *all ? ", " : "", schema_field_at(row, i)->pb->name);
    return all;
}
