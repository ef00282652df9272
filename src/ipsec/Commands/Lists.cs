// ipsec list…: which word lists what. ipsec(8).
using System.Text.Json;
using Cygnet.Command.Reports;

namespace Cygnet.Command.Commands;

static class Lists
{
    delegate Report Maker(IVici charon, Surroundings world, StrokeOptions options);

    static Maker Of(CertificateSection section) => (charon, world, options) => new CertificateReport(charon, section, world.Now(), options.Utc, world.Error);

    /// <summary>The words in the order of ipsec(8), each with what it prints, in order.</summary>
    static readonly (string Word, Maker Make)[] s_lists =
    [
        ("listalgs", (charon, _, _) => new AlgorithmReport(charon)),
        ("listpubkeys", Of(CertificateSection.PublicKeys)),
        ("listcerts", Of(CertificateSection.EndEntities)),
        ("listcacerts", Of(CertificateSection.Authorities)),
        ("listaacerts", Of(CertificateSection.AttributeAuthorities)),
        ("listocspcerts", Of(CertificateSection.OcspSigners)),
        ("listacerts", Of(CertificateSection.AttributeCertificates)),
        ("listgroups", (charon, _, _) => new GroupReport(charon)),
        ("listcainfos", (charon, _, _) => new AuthorityReport(charon)),
        ("listcrls", Of(CertificateSection.Crls)),
        ("listocsp", Of(CertificateSection.OcspResponses)),
        ("listplugins", (charon, _, _) => new PluginReport(charon)),
        ("listcounters", (charon, _, options) => new CounterReport(charon, options.Words.ElementAtOrDefault(1))),
    ];

    /// <summary>What listall prints: the reference's choice and order.</summary>
    static readonly string[] s_all =
        ["listcainfos", "listpubkeys", "listcerts", "listcacerts", "listocspcerts", "listaacerts", "listacerts", "listcrls", "listocsp", "listalgs", "listplugins"];

    public const string All = "listall";

    public static IEnumerable<string> Words => s_lists.Select(l => l.Word).Append(All);

    /// <summary>Prints a list; after the word itself, listcounters takes a name.</summary>
    public static void Run(IVici charon, Surroundings world, string word, StrokeOptions options)
    {
        if (word != All)
        {
            s_lists.First(l => l.Word == word).Make(charon, world, options).Print(world.Out, options.Json);
            return;
        }
        var reports = s_all.Select(w => (Word: w, Report: s_lists.First(l => l.Word == w).Make(charon, world, options)));
        if (!options.Json)
        {
            foreach (var (_, report) in reports) report.Write(world.Out);
            return;
        }
        world.Out.Write(Json.Text(to =>
        {
            to.WriteStartObject();
            foreach (var (w, report) in reports)
            {
                to.WritePropertyName(w["list".Length..]);
                report.Write(to);
            }
            to.WriteEndObject();
        }) + "\n");
    }
}
