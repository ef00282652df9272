// ipsec purgeocsp, purgecrls, purgecerts, purgeike. ipsec(8).
using Cygnet.Control;

namespace Cygnet.Command.Commands;

static class Purge
{
    static readonly Dictionary<string, string> s_types = new() { ["purgeocsp"] = "OCSP_RESPONSE", ["purgecrls"] = "X509_CRL", ["purgecerts"] = "X509" };

    const string Ike = "purgeike";

    public static IEnumerable<string> Words => [.. s_types.Keys, Ike];

    /// <summary>Those that nothing behind them reaches: not even an option is looked at.</summary>
    public static IEnumerable<string> WithoutArguments => ["purgecrls", "purgecerts", Ike];

    public static void Run(IVici charon, TextWriter to, string word)
    {
        if (word != Ike)
        {
            charon.Call("flush-certs", new ViciSection().Add("type", s_types[word]));
            return;
        }
        foreach (var ike in Status.Events(charon, "list-sas", "list-sa"))
            if (ike.Section("child-sas")?.Sections.Any() != true) Down.Terminate(charon, to, false, (int)ike.Number("uniqueid"));
    }
}
