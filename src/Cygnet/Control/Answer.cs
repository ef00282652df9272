// The result pair that most commands answer with: success, and errmsg only when it is "no".
namespace Cygnet.Control;

static class Answer
{
    public static ViciSection Yes() => new ViciSection().Add("success", "yes");

    public static ViciSection No(string reason) => new ViciSection().Add("success", "no").Add("errmsg", reason);

    public static ViciSection Of(string? reason) => reason is null ? Yes() : No(reason);

    /// <summary>For commands that are known, and whose answer a later version gives.</summary>
    public static ViciSection NotBuilt(string what) => No($"{what} is not built yet");

    public static bool IsNo(ViciSection response) => response.Text("success") == "no";
}
