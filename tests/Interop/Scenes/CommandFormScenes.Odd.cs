// Arguments that nobody means: empty ones, blanks, no ASCII, thousands of characters, options behind names, too many of them.
using Cygnet.Interop.Testbed;

namespace Cygnet.Interop.Scenes;

public partial class CommandFormScenes
{
    /// <summary>The row by which ours says on standard error what theirs logs.</summary>
    const string Nobody = "`ipsec down` of a name that has no SA, or of a senseless specifier; `ipsec down-srcip` of what is no address";

    static readonly string s_long = new('x', 5000);

    /// <summary>No IKE_SA has to be there.</summary>
    static void OddArguments(SideBySide both)
    {
        string[][] odd = [[""], ["a b"], ["bür\u00f6"], [s_long], ["--"], ["--", "net-net"], ["net-net", "--nosuch"], ["a", "b", "c", "d"], ["", ""], ["%any"], ["it's"], ["-x"], ["\\"], ["%s%n"]];
        foreach (var word in (string[])["up", "unroute", "status", "leases", "listcounters", "purgecerts"])
            foreach (var arguments in odd) both.Same(["ipsec", word, .. arguments]);
        foreach (var arguments in (string[][])[["--", "net-net"], ["net-net", "--nosuch"], ["bür\u00f6", "x"]])
            both.SameLines(["ipsec", "statusall", .. arguments]);
        foreach (var arguments in odd)
        {
            both.SameOutput(Nobody, ["ipsec", "down", .. arguments]);
            both.SameOutput(Nobody, ["ipsec", "down-srcip", .. arguments]);
        }
        foreach (var none in (string[])["net-net{", "net-net{1", "net-net[1]{1}", "[]", "{}", "{*}x"]) both.SameOutput(Nobody, "ipsec", "down", none);
        foreach (var words in (string[][])[["purgecrls", "-x"], ["purgeike", "x", "--nosuch"], ["leases", "10.3.0.0/28", "a b"], ["leases", "10.3.0.0/28", "bür\u00f6"], ["leases", "a", "b", "--nosuch"], ["leases", "--nosuch"],
            ["secrets", "--nosuch"], ["rereadall", "x", "y"], ["listcerts", "-u"], ["listcerts", "--utc", "--nosuch"], ["update", "--nosuch"], ["down-srcip", "10.3.0.9 10.3.0.10"], ["up", "--help"], ["UP", "net-net"]])
            both.Same(["ipsec", .. words]);
        foreach (var words in (string[][])[[""], ["bür\u00f6"], [s_long], ["--"], ["-"], ["up", "a", "b"], ["loglevel", "", ""], ["loglevel", "bür\u00f6", "1"], ["loglevel", "ike", ""], ["user-creds", "bür\u00f6", "a", "b"], ["exportx509", ""],
            ["exportx509", "bür\u00f6"], ["exportx509", s_long], ["exportconncert", ""], ["leases", "", "", ""], ["listcounters", "", "x"], ["--ut", "listcerts"], ["--daemon"], ["--daemon="], ["-d"], ["-dx", "-dy", "status"],
            ["status", "--", "--x"], ["UP", "x"]])
            both.Same(["ipsec", "stroke", .. words]);
        foreach (var words in (string[][])[["down", ""], ["rekey", ""], ["down-nb", ""], ["delete", ""], ["down-srcip", "", ""], ["down-srcip", "10.3.0.1/32"], ["down-srcip", "10.3.0.1", "10.3.0.0"]])
            both.SameOutput(Nobody, ["ipsec", "stroke", .. words]);
    }
}
