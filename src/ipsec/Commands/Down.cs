// ipsec down: name, name[], name{}, name[*], name{*}, name[n], name{n}, [n], {n}. ipsec-command.md section 2.7.
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
}

static class Down
{
    public static void Run(IVici charon, TextWriter to, TextWriter error, string text)
    {
        if (!DownSpecifier.TryParse(text, out var spec))
        {
            // The reference says this and the next only in its log, which a client cannot write to.
            error.Write("error parsing specifier string\n");
            return;
        }
        var what = spec.IsChild ? "CHILD_SA" : "IKE_SA";
        List<int> ids = [.. Status.Events(charon, "list-sas", "list-sa")
            .SelectMany(ike => spec.IsChild ? (ike.Section("child-sas")?.Sections ?? []).Select(c => (Name: c.Text("name"), Sa: c)) : [(ike.Name, ike)])
            .Select(s => (s.Name, Id: (int)s.Sa.Number("uniqueid")))
            .Where(s => spec.Id != 0 ? s.Id == spec.Id : s.Name == spec.Name)
            .Select(s => s.Id)];
        if (spec.Id != 0 && ids.Count == 0)
        {
            to.Write(spec.IsChild ? $"unable to terminate, CHILD_SA with ID {spec.Id} not found\n" : $"unable to terminate IKE_SA: ID {spec.Id} not found\n");
            to.Write(Failed(spec.Id));
        }
        else if (ids.Count == 0)
        {
            error.Write($"no {what} named '{spec.Name}' found\n");
        }
        foreach (var id in spec.All ? ids : ids.Take(1))
        {
            var request = new ViciSection().Add(spec.IsChild ? "child-id" : "ike-id", id).Add("loglevel", 1);
            var answer = charon.Call("terminate", request, "control-log", e => Up.Line(to, e));
            to.Write(answer?.Boolean("success") == true ? $"{what} {Id(id)} closed successfully\n" : Failed(id));
        }

        string Id(int id) => spec.IsChild ? $"{{{id}}}" : $"[{id}]";

        string Failed(int id) => $"closing {what} {Id(id)} failed\n";
    }
}
