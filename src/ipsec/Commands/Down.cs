// ipsec down: name, name[], name{}, name[*], name{*}, name[n], name{n}, [n], {n}. ipsec(8).
using System.Globalization;
using Cygnet.Control;

namespace Cygnet.Command.Commands;

/// <summary>What a specifier selects: by unique id, or the first or all of a name; IKE_SAs or CHILD_SAs.</summary>
readonly record struct DownSpecifier(bool IsChild, string Name, bool All, int Id)
{
    /// <summary>The last character decides. False if what is between the brackets is neither nothing, * nor a number above 0.</summary>
    public static bool TryParse(string text, out DownSpecifier specifier)
    {
        specifier = default;
        if (text == "") return false;
        if (text[^1] is not (']' or '}'))
        {
            specifier = new(false, text, false, 0);
            return true;
        }
        var child = text[^1] == '}';
        var at = text.IndexOf(child ? '{' : '[');
        if (at < 0) return false;
        var inside = text[(at + 1)..^1];
        var id = 0;
        if (inside is not ("" or "*") && (!int.TryParse(inside, NumberStyles.None, CultureInfo.InvariantCulture, out id) || id == 0)) return false;
        specifier = new(child, text[..at], inside == "*", id);
        return true;
    }

    /// <summary>The word for what it selects.</summary>
    public string What => IsChild ? "CHILD_SA" : "IKE_SA";

    /// <summary>The unique ids of all SAs that fit.</summary>
    public List<int> Ids(IVici charon)
    {
        var (isChild, name, id) = (IsChild, Name, Id);
        // Asked for by what is known of them: there may be thousands.
        var request = new ViciSection();
        if (id == 0) request.Add("x-name", name);
        else if (isChild) request.Add("child-id", id).Add("x-ext", "yes");
        else request.Add("ike-id", id);
        return [.. Status.Events(charon, "list-sas", "list-sa", request)
            .SelectMany(ike => isChild ? (ike.Section("child-sas")?.Sections ?? []).Select(c => (Name: c.Text("name"), Sa: c)) : [(ike.Name, ike)])
            .Select(s => (s.Name, Id: (int)s.Sa.Number("uniqueid")))
            .Where(s => id != 0 ? s.Id == id : s.Name == name)
            .Select(s => s.Id)];
    }
}

static class Down
{
    public static void Run(IVici charon, TextWriter to, TextWriter error, string text)
    {
        if (Select(charon, error, text, out var spec) is not { } ids) return;
        if (spec.Id != 0 && ids.Count == 0)
        {
            to.Write(spec.IsChild ? $"unable to terminate, CHILD_SA with ID {spec.Id} not found\n" : $"unable to terminate IKE_SA: ID {spec.Id} not found\n");
            to.Write(Failed(spec.IsChild, spec.Id));
        }
        foreach (var id in ids) Terminate(charon, to, spec.IsChild, id);
    }

    /// <summary>Closes, and neither waits nor says how it goes on.</summary>
    public static void Begin(IVici charon, TextWriter error, string text)
    {
        foreach (var id in Select(charon, error, text, out var spec) ?? []) charon.Call("terminate", new ViciSection().Add(Key(spec.IsChild), id).Add("timeout", -1));
    }

    /// <summary>Closes one SA, with what charon says meanwhile and how it ended.</summary>
    public static void Terminate(IVici charon, TextWriter to, bool isChild, int id)
    {
        var answer = charon.Call("terminate", new ViciSection().Add(Key(isChild), id).Add("loglevel", 1), "control-log", e => Up.Line(to, e));
        to.Write(answer?.Boolean("success") == true ? $"{(isChild ? "CHILD_SA" : "IKE_SA")} {Shown(isChild, id)} closed successfully\n" : Failed(isChild, id));
    }

    /// <summary>The SAs to close. The reference has the complaints only in its log, which a client cannot write to.</summary>
    static List<int>? Select(IVici charon, TextWriter error, string text, out DownSpecifier spec)
    {
        if (!DownSpecifier.TryParse(text, out spec))
        {
            error.Write("error parsing specifier string\n");
            return null;
        }
        var ids = spec.Ids(charon);
        if (spec.Id == 0 && ids.Count == 0) error.Write($"no {spec.What} named '{spec.Name}' found\n");
        return spec.All ? ids : [.. ids.Take(1)];
    }

    static string Key(bool isChild) => isChild ? "child-id" : "ike-id";

    static string Shown(bool isChild, int id) => isChild ? $"{{{id}}}" : $"[{id}]";

    static string Failed(bool isChild, int id) => $"closing {(isChild ? "CHILD_SA" : "IKE_SA")} {Shown(isChild, id)} failed\n";
}
